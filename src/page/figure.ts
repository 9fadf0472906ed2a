import { type Html, html } from './html.js';

/** How a number is written. */
export type Unit = 'count' | 'number' | 'usd' | 'seconds' | 'bytes' | 'share';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 4 });
const rough = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });

/** A number in words of its unit. */
export function writeNumber(value: number, unit: Unit): string {
  if (unit === 'count') return whole.format(value);
  if (unit === 'usd') return value !== 0 && Math.abs(value) < 0.01 ? `$${value.toFixed(4)}` : `$${value.toFixed(2)}`;
  if (unit === 'share') return `${short.format(value * 100)} %`;
  if (unit === 'bytes') return scaled(value, [1, 1e3, 1e6, 1e9, 1e12], ['B', 'kB', 'MB', 'GB', 'TB']);
  if (unit === 'seconds') return scaled(value, [1, 60, 3600], ['s', 'min', 'h']);
  return short.format(value);
}

function scaled(value: number, sizes: readonly number[], names: readonly string[]): string {
  let at = 0;
  while (at + 1 < sizes.length && value >= sizes[at + 1]! * (sizes.length === 3 ? 2 : 1)) at += 1;
  return `${rough.format(value / sizes[at]!)} ${names[at]}`;
}

/** Writes a number of a report by its place in it, so that what a page shows is what the record says. */
export class Figures {
  constructor(private readonly report: object) {}

  /** @param path keys and positions, with dots @returns the number as markup; a dash for null */
  at(path: string, unit: Unit = 'count'): Html {
    const value = this.value(path);
    if (value === null) return html`<span data-at="${path}" data-unit="${unit}">–</span>`;
    return html`<span data-at="${path}" data-unit="${unit}">${writeNumber(value, unit)}</span>`;
  }

  /**
   * @param path of a record with `usd` and `unpriced_calls`
   * @returns its cost as markup: no dollars where no price is known, the least where some are not
   */
  cost(path: string): Html {
    const usd = this.at(`${path}.usd`, 'usd');
    if (!this.value(`${path}.unpriced_calls`)) return usd;
    return this.value(`${path}.usd`) === 0 ? html`unknown` : html`at least ${usd}`;
  }

  /** @throws Error when there is no number at the place */
  value(path: string): number | null {
    let found: unknown = this.report;
    for (const key of path.split('.')) found = (found as Record<string, unknown> | undefined)?.[key];
    if (found !== null && typeof found !== 'number') throw new Error(`The report has no number at ${path}`);
    return found;
  }
}

/** A cell for a number. */
export function numberCell(content: Html): Html {
  return html`<td class="number">${content}</td>`;
}
