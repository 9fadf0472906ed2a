import type { Proposal } from '../candidate.js';

type Metric = Proposal['metric'];

/** What is only rounding in a score, as a share of it. */
const ROUNDING = 1e-9;

/** Whether scores are equal but for rounding, or but for `tolerance` where that is more. */
export function isEqualScore(a: number, b: number, tolerance = 0): boolean {
  return Math.abs(a - b) <= Math.max(tolerance, ROUNDING * Math.max(1, Math.abs(a), Math.abs(b)));
}

/** Whether the score `a` is better than `b` by more than `margin` and more than rounding. */
export function isBetter({ direction }: Pick<Metric, 'direction'>, a: number, b: number, margin = 0): boolean {
  if (isEqualScore(a, b, margin)) return false;
  return direction === 'maximize' ? a > b : a < b;
}

/** @returns the best and the worst possible score; null where there is none */
export function boundsOf({ direction, lower, upper }: Metric): { best: number | null; worst: number | null } {
  return direction === 'maximize' ? { best: upper, worst: lower } : { best: lower, worst: upper };
}

/** Six significant digits: enough to compare scores by eye. */
export function shownScore(score: number | null): string {
  return score === null ? 'no score' : String(Number(score.toPrecision(6)));
}

/** Mean and sample standard deviation; the latter is 0 for one score. */
export function meanAndStd(scores: readonly number[]): { mean: number; std: number } {
  const [first = 0] = scores;
  // Sums of equal numbers are not always equal to them.
  if (scores.every((score) => score === first)) return { mean: first, std: 0 };
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const squares = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0);
  return { mean, std: scores.length > 1 ? Math.sqrt(squares / (scores.length - 1)) : 0 };
}
