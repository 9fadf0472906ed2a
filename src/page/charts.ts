import { type Html, html } from './html.js';

/** A part of a bar or column. `kind` names its colour. */
export interface Part {
  label: string;
  value: number;
  kind: 'good' | 'bad' | 'kept' | 'open' | 'plain';
}

/** A horizontal bar of parts, as wide as `total` allows. @param label what it shows, for those who cannot see it */
export function bar(label: string, parts: readonly Part[], total: number): Html {
  let left = 0;
  const rects = parts
    .filter(({ value }) => value > 0)
    .map(({ value, kind, ...part }) => {
      const x = (left / (total || 1)) * 100;
      left += value;
      const width = (value / (total || 1)) * 100;
      return html`<rect class="${kind}" x="${x.toFixed(3)}" y="0" width="${width.toFixed(3)}" height="10"><title>${part.label}: ${value}</title></rect>`;
    });
  return html`<svg class="bar" role="img" aria-label="${label}: ${wordsOf(parts)}" viewBox="0 0 100 10" preserveAspectRatio="none"><title>${label}: ${wordsOf(parts)}</title><rect class="back" width="100" height="10"/>${rects}</svg>`;
}

const HEIGHT = 130;
const COLUMN = 40;
const FOOT = 34;
const HEAD = 16;

/** Columns of parts beside each other, with numbers on top and names below. @param axis what the names are */
export function columns(title: string, axis: string, all: readonly { name: string; parts: readonly Part[] }[]): Html {
  const most = Math.max(1, ...all.map(({ parts }) => sumOf(parts)));
  const width = Math.max(3, all.length) * COLUMN;
  const drawn = all.map(({ name, parts }, at) => {
    const x = at * COLUMN + 5;
    let top = HEAD + HEIGHT;
    const rects = parts.map(({ value, kind, label }) => {
      const height = (value / most) * HEIGHT;
      top -= height;
      return html`<rect class="${kind}" x="${x}" y="${top.toFixed(2)}" width="${COLUMN - 10}" height="${height.toFixed(2)}"><title>${name}: ${label} ${value}</title></rect>`;
    });
    const middle = at * COLUMN + COLUMN / 2;
    return html`${rects}<text x="${middle}" y="${(top - 4).toFixed(2)}">${sumOf(parts)}</text><text x="${middle}" y="${HEAD + HEIGHT + 14}">${name}</text>`;
  });
  const words = all.map(({ name, parts }) => `${name}: ${wordsOf(parts)}`).join('; ');
  const height = HEAD + HEIGHT + FOOT;
  return html`<svg class="columns" role="img" aria-label="${title}. ${words}" viewBox="0 0 ${width} ${height}" style="max-width:${width * 1.15}px"><title>${title}</title><line x1="0" x2="${width}" y1="${HEAD + HEIGHT}" y2="${HEAD + HEIGHT}"/>${drawn}<text x="${width / 2}" y="${height - 4}">${axis}</text></svg>`;
}

/** What the colours of parts mean. */
export function legend(parts: readonly Pick<Part, 'label' | 'kind'>[]): Html {
  const items = parts.map(
    ({ label, kind }) =>
      html`<li><svg viewBox="0 0 10 10" aria-hidden="true"><rect class="${kind}" width="10" height="10"/></svg>${label}</li>`,
  );
  return html`<ul class="legend">${items}</ul>`;
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}

function wordsOf(parts: readonly Part[]): string {
  return parts.map(({ label, value }) => `${label} ${value}`).join(', ');
}
