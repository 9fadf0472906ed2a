import type { Part } from './charts.js';
import { html } from './html.js';
import { DRAWING_TOP, MARGIN, svgFile } from './svg-file.js';

const ROW = 22;
const NAMES = 250;
const BARS = 360;
const NUMBERS = 160;
const NAME_LENGTH = 36;

/**
 * Bars of parts below each other, with names at the left and numbers at the right, as a file of its own.
 * @param all rows; `number` stands behind the bar, without it the sum of the parts
 */
export function barsFile(
  title: string,
  all: readonly { name: string; parts: readonly Part[]; number?: string }[],
): string {
  const sumOf = (parts: readonly Part[]) => parts.reduce((sum, { value }) => sum + value, 0);
  const most = Math.max(1, ...all.map(({ parts }) => sumOf(parts)));
  const begin = MARGIN + NAMES + 10;
  const drawn = all.map(({ name, parts, number }, at) => {
    const y = DRAWING_TOP + at * ROW;
    let left = begin;
    const rects = parts.map(({ value, kind, label }) => {
      const x = left;
      const width = (value / most) * BARS;
      left += width;
      return html`<rect class="${kind}" x="${x.toFixed(2)}" y="${y + 4}" width="${width.toFixed(2)}" height="${ROW - 8}"><title>${name}: ${label} ${value}</title></rect>`;
    });
    const baseline = y + ROW - 7;
    return html`<text class="end" x="${MARGIN + NAMES}" y="${baseline}">${clipped(name)}<title>${name}</title></text><rect class="back" x="${begin}" y="${y + 4}" width="${BARS}" height="${ROW - 8}"/>${rects}<text class="soft" x="${begin + BARS + 8}" y="${baseline}">${number ?? sumOf(parts)}</text>`;
  });
  const legend = all[0]?.parts ?? [];
  const height = DRAWING_TOP + Math.max(1, all.length) * ROW + MARGIN;
  return svgFile(
    { title, legend: legend.length > 1 ? legend : [], width: begin + BARS + NUMBERS, height },
    ...drawn,
    ...(all.length === 0 ? [html`<text class="soft" x="${MARGIN}" y="${DRAWING_TOP + ROW}">None.</text>`] : []),
  );
}

/** The end of a name tells more than its middle. */
function clipped(name: string): string {
  const signs = [...name];
  if (signs.length <= NAME_LENGTH) return name;
  return `${signs.slice(0, 12).join('')}…${signs.slice(13 - NAME_LENGTH).join('')}`;
}
