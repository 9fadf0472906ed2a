import type { Part } from './charts.js';
import { type Html, html } from './html.js';
import { DRAWING_TOP, MARGIN, svgFile } from './svg-file.js';

/** A thing whose parts are drawn as a column, however thin. */
export interface ProfileColumn {
  name: string;
  parts: readonly Part[];
}

const WIDTH = 960;
const HEIGHT = 200;
const SCALE = 48;
const HEAD = 12;
const FOOT = 40;
const MAX_COLUMN = 40;
/** Pixels below which nothing can be read: a narrower page shows a part of it. */
const MIN_WIDTH = 640;

/** Stacked columns for hundreds of things, in the order given; names show under the pointer. @param axis what the columns are */
export function profile(title: string, axis: string, all: readonly ProfileColumn[]): Html {
  const words = `${title}: ${all.length} columns, ${axis}`;
  const svg = html`<svg class="columns" role="img" aria-label="${words}" viewBox="0 0 ${WIDTH} ${HEAD + HEIGHT + FOOT}" style="min-width:${MIN_WIDTH}px"><title>${title}</title>${drawing(axis, all, 0, HEAD)}</svg>`;
  return html`<div class="wide" role="region" aria-label="${title}" tabindex="0">${svg}</div>`;
}

/** The same as a file of its own. */
export function profileFile(title: string, axis: string, all: readonly ProfileColumn[]): string {
  const top = DRAWING_TOP + HEAD;
  const size = { width: WIDTH + 2 * MARGIN, height: top + HEIGHT + FOOT };
  return svgFile({ title, legend: all[0]?.parts ?? [], ...size }, drawing(axis, all, MARGIN, top));
}

function drawing(axis: string, all: readonly ProfileColumn[], left: number, top: number): Html {
  const most = Math.max(1, ...all.map(({ parts }) => parts.reduce((sum, { value }) => sum + value, 0)));
  const pitch = Math.min(MAX_COLUMN, (WIDTH - SCALE) / Math.max(1, all.length));
  const width = pitch > 4 ? pitch - 1.5 : pitch;
  const floor = top + HEIGHT;
  const marks = [...new Set([0, Math.floor(most / 2), most])].map((value) => {
    const y = floor - (value / most) * HEIGHT;
    return html`<line class="axis" x1="${left + SCALE}" x2="${left + WIDTH}" y1="${y.toFixed(2)}" y2="${y.toFixed(2)}"/><text class="middle soft" x="${left + SCALE / 2}" y="${(y + 4).toFixed(2)}">${value}</text>`;
  });
  const drawn = all.map(({ name, parts }, at) => {
    const x = left + SCALE + at * pitch;
    let y = floor;
    const rects = parts.map(({ value, kind }) => {
      if (value === 0) return html``;
      const height = (value / most) * HEIGHT;
      y -= height;
      return html`<rect class="${kind}" x="${x.toFixed(2)}" y="${y.toFixed(2)}" width="${width.toFixed(2)}" height="${height.toFixed(2)}"/>`;
    });
    const words = parts.map(({ label, value }) => `${label} ${value}`).join(', ');
    return html`<g><title>${name}: ${words}</title>${rects}</g>`;
  });
  const middle = left + SCALE + (WIDTH - SCALE) / 2;
  return html`${marks}${drawn}<text class="middle soft" x="${middle}" y="${floor + 26}">${axis}</text>`;
}
