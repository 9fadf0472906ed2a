import type { DataPlan } from '../../candidate.js';
import type { Chance } from '../../chance/chance.js';

/** How rows are divided. */
export interface SplitOptions {
  method: DataPlan['split']['method'];
  /** Times or groups of the rows, in their order; for `random` what keeps rows together: equal inputs, so that none is in both parts. */
  by: readonly string[];
  /** Share of the rows that become the test, as near as the method lets it be. */
  testShare: number;
  chance: Chance;
}

/** @returns indexes of rows in an order that says nothing; each row is in one of both, and neither is empty when there are two parts */
export function splitRows(count: number, options: SplitOptions): { train: number[]; test: number[] } {
  const { method, chance, testShare } = options;
  const all = chance.shuffled(Array.from({ length: count }, (_, index) => index));
  const wanted = Math.min(Math.max(1, Math.round(count * testShare)), Math.max(0, count - 1));
  if (method === 'random') return byGroup(all, options.by, wanted);
  const { train, test } =
    method === 'group' ? byGroup(all, options.by, wanted) : byTime(all, options.by, count - wanted);
  return { train: chance.shuffled(train), test: chance.shuffled(test) };
}

/** Whole groups, in an order of chance, until as many rows as wanted are reached; the last one only when it comes nearer to that. */
function byGroup(rows: readonly number[], by: readonly string[], wanted: number): { train: number[]; test: number[] } {
  const groups = new Map<string, number[]>();
  for (const row of rows) {
    const name = by[row] ?? '';
    const group = groups.get(name);
    if (group) group.push(row);
    else groups.set(name, [row]);
  }
  const test: number[] = [];
  const train: number[] = [];
  let left = groups.size;
  for (const group of groups.values()) {
    left--;
    const isNearer = Math.abs(test.length + group.length - wanted) < Math.abs(test.length - wanted);
    const mustTake = left === 0 && test.length === 0 && train.length > 0;
    const mustLeave = left === 0 && train.length === 0;
    if ((isNearer && !mustLeave) || mustTake) test.push(...group);
    else train.push(...group);
  }
  return { train, test };
}

/** The test is what comes last; rows of one time are not torn apart. */
function byTime(
  rows: readonly number[],
  by: readonly string[],
  trainWanted: number,
): { train: number[]; test: number[] } {
  const sorted = [...rows].sort((a, b) => compareTimes(by[a] ?? '', by[b] ?? ''));
  const isBorder = (at: number) => compareTimes(by[sorted[at - 1] ?? 0] ?? '', by[sorted[at] ?? 0] ?? '') !== 0;
  const inner = Math.max(0, sorted.length - 1);
  const borders = Array.from({ length: inner }, (_, index) => index + 1).filter(isBorder);
  const border = borders.reduce(
    (best, at) => (Math.abs(at - trainWanted) < Math.abs(best - trainWanted) ? at : best),
    borders[0] ?? sorted.length,
  );
  return { train: sorted.slice(0, border), test: sorted.slice(border) };
}

/** Orders times that are numbers or ISO texts. */
function compareTimes(a: string, b: string): number {
  const [left, right] = [Number(a), Number(b)];
  if (!Number.isNaN(left) && !Number.isNaN(right)) return left - right;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a text can be ordered as a time: a number, or an ISO date that begins with the year. */
export function isTime(text: string): boolean {
  return text.trim() !== '' && (Number.isFinite(Number(text)) || /^\d{4}-\d\d(?:\D|$)/.test(text));
}
