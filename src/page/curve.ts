import { type Html, html } from './html.js';

/** A line through points, in the order of x. */
export interface Line {
  label: string;
  colour: string;
  points: readonly (readonly [x: number, y: number])[];
  /** Points are marked, for lines that have few. */
  marked?: boolean;
}

const WIDTH = 720;
const HEIGHT = 300;
const LEFT = 60;
const RIGHT = 16;
const TOP = 28;
const BOTTOM = 44;
const TICKS = 5;
/** More are no longer seen. */
const MAX_POINTS = 700;

/** Lines over an axis, as a picture that stands alone: its colours are in it. */
export function curve(title: string, axes: { x: string; y: string }, lines: readonly Line[]): Html {
  const shown = lines.filter(({ points }) => points.length > 0);
  const all = shown.flatMap(({ points }) => points);
  const [x, y] = [range(all.map(([at]) => at)), range(all.map(([, value]) => value))];
  const atX = (value: number) => LEFT + ((value - x.least) / (x.most - x.least)) * (WIDTH - LEFT - RIGHT);
  const atY = (value: number) => HEIGHT - BOTTOM - ((value - y.least) / (y.most - y.least)) * (HEIGHT - TOP - BOTTOM);
  const grid = ticks(y).map(
    (value) =>
      html`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${atY(value).toFixed(1)}" y2="${atY(value).toFixed(1)}" stroke="#8886"/><text x="${LEFT - 6}" y="${(atY(value) + 4).toFixed(1)}" text-anchor="end">${short(value)}</text>`,
  );
  const foot = ticks(x).map(
    (value) =>
      html`<text x="${atX(value).toFixed(1)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${short(value)}</text>`,
  );
  const drawn = shown.map(({ label, colour, points, marked }) => {
    const path = thinned(points).map(([a, b]) => `${atX(a).toFixed(1)},${atY(b).toFixed(1)}`);
    const marks = marked
      ? points.map(
          ([a, b]) => html`<circle cx="${atX(a).toFixed(1)}" cy="${atY(b).toFixed(1)}" r="3" fill="${colour}"/>`,
        )
      : [];
    return html`<g><title>${label}</title><polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="1.5"/>${marks}</g>`;
  });
  const names = shown.map(
    ({ label, colour }, at) =>
      html`<text x="${LEFT + at * 150}" y="16" fill="${colour}" text-anchor="start">${label}</text>`,
  );
  const words = shown.map(({ label, points }) => `${label}: ${short(points[0]![1])} to ${short(points.at(-1)![1])}`);
  return html`<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${title}. ${words.join('; ')}" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="100%" style="max-width:${WIDTH * 1.3}px;font:12px system-ui,sans-serif" fill="#777"><title>${title}</title>${grid}${foot}${drawn}${names}<text x="${(LEFT + WIDTH) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${axes.x}</text><text x="14" y="${HEIGHT / 2}" transform="rotate(-90 14 ${HEIGHT / 2})" text-anchor="middle">${axes.y}</text></svg>
`;
}

function range(values: readonly number[]): { least: number; most: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least > most) return { least: 0, most: 1 };
  return least === most ? { least: least - 1, most: most + 1 } : { least, most };
}

function ticks({ least, most }: { least: number; most: number }): number[] {
  return Array.from({ length: TICKS }, (_, at) => least + ((most - least) * at) / (TICKS - 1));
}

/** Of many points that lie close together some, the last one among them. */
function thinned(points: Line['points']): Line['points'] {
  const every = Math.ceil(points.length / MAX_POINTS);
  return points.filter((_, at) => at % every === 0 || at === points.length - 1);
}

function short(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
