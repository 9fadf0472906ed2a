import type { Part } from './charts.js';
import { type Html, html } from './html.js';
import { DRAWING_TOP, MARGIN, svgFile } from './svg-file.js';

const HEIGHT = 180;
const COLUMN = 44;
const HEAD = 30;
const FOOT = 48;

/**
 * Columns of parts beside each other, as a file of its own.
 * @param axis what the names below are
 * @param marks lines before the column of a number, such as limits
 */
export function columnsFile(
  title: string,
  axis: string,
  all: readonly { name: string; parts: readonly Part[] }[],
  marks: readonly { column: number; label: string }[] = [],
): string {
  const most = Math.max(1, ...all.map(({ parts }) => sumOf(parts)));
  const width = Math.max(360, all.length * COLUMN) + 2 * MARGIN;
  const floor = DRAWING_TOP + HEAD + HEIGHT;
  const drawn = all.map(({ name, parts }, at) => {
    const x = MARGIN + at * COLUMN;
    let top = floor;
    const rects = parts.map(({ value, kind, label }) => {
      const height = (value / most) * HEIGHT;
      top -= height;
      return html`<rect class="${kind}" x="${x + 5}" y="${top.toFixed(2)}" width="${COLUMN - 10}" height="${height.toFixed(2)}"><title>${name}: ${label} ${value}</title></rect>`;
    });
    const middle = x + COLUMN / 2;
    return html`${rects}<text class="middle" x="${middle}" y="${(top - 5).toFixed(2)}">${sumOf(parts)}</text><text class="middle soft" x="${middle}" y="${floor + 16}">${name}</text>`;
  });
  const lines = marks.map(({ column, label }) => markLine(MARGIN + column * COLUMN, floor, label));
  const legend = all[0]?.parts ?? [];
  return svgFile(
    { title, legend: legend.length > 1 ? legend : [], width, height: floor + FOOT },
    html`<line class="axis" x1="${MARGIN}" x2="${width - MARGIN}" y1="${floor}" y2="${floor}"/>`,
    ...drawn,
    ...lines,
    html`<text class="middle soft" x="${width / 2}" y="${floor + FOOT - 10}">${axis}</text>`,
  );
}

function markLine(x: number, floor: number, label: string): Html {
  return html`<line class="mark" x1="${x}" x2="${x}" y1="${DRAWING_TOP + 6}" y2="${floor}"/><text class="soft" x="${x + 4}" y="${DRAWING_TOP + 14}">${label}</text>`;
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { value }) => sum + value, 0);
}
