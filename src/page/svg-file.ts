import type { Part } from './charts.js';
import { DARK, KINDS, LIGHT } from './colours.js';
import { type Html, html } from './html.js';

/** Where the drawing begins, below the title and the legend. */
export const DRAWING_TOP = 66;

/** Space at the sides. */
export const MARGIN = 20;

/**
 * A drawing as a file of its own, with a card behind it, so that it can be read on light and dark pages.
 * @param title what it shows
 * @param legend what colours mean; none: there is one
 * @param content drawn below `DRAWING_TOP`
 * @returns the text of the file
 */
export function svgFile(
  {
    title,
    legend,
    width,
    height,
  }: {
    title: string;
    legend: readonly Pick<Part, 'label' | 'kind'>[];
    width: number;
    height: number;
  },
  ...content: readonly Html[]
): string {
  let left = MARGIN;
  const keys = legend.map(({ label, kind }) => {
    const x = left;
    left += 30 + label.length * 7;
    return html`<rect class="${kind}" x="${x}" y="42" width="10" height="10" rx="2"/><text class="soft" x="${x + 15}" y="51">${label}</text>`;
  });
  const drawn = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">${title}</title>
<style>
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
${KINDS} .card { fill: var(--card); stroke: var(--line); } .mark { stroke: var(--soft); stroke-dasharray: 4 3; } .axis { stroke: var(--line); }
text { font: 12px system-ui, sans-serif; fill: var(--ink); } .soft { fill: var(--soft); } .title { font-size: 15px; font-weight: 600; }
.middle { text-anchor: middle; } .end { text-anchor: end; }
</style>
<rect class="card" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
<text class="title" x="${MARGIN}" y="27">${title}</text>
${keys}
${content}
</svg>
`;
  return drawn.text;
}
