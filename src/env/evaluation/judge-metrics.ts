import type { Sidecar } from '../task.js';
import type { PrintedMetrics } from './parse-metrics.js';

/** A score outside its bounds by less than this share of their distance is rounding, not cheating. */
const ROUNDING = 1e-9;

/**
 * Takes the score of a task out of what its evaluator printed.
 * @returns the score, or why there is none: the metric is missing, no number or not finite (`unusable`), or out of bounds
 */
export function judgeMetrics(
  { numbers, metrics }: PrintedMetrics,
  { name, bounds }: Sidecar['metric'],
): { score: number } | { fault: string; kind: 'unusable' | 'out_of_bounds' } {
  const unusable = (fault: string) => ({ fault, kind: 'unusable' as const });
  const score = numbers.get(name);
  if (score === undefined) {
    if (Object.hasOwn(metrics, name)) return unusable(`the metric "${name}" is not a number`);
    return unusable(`the evaluation printed no metric "${name}"`);
  }
  if (!Number.isFinite(score)) return unusable(`the metric "${name}" is not finite`);
  if (!bounds) return { score };
  const [least, greatest] = bounds;
  const slack = (greatest - least) * ROUNDING;
  if (score >= least - slack && score <= greatest + slack) return { score };
  return { fault: `the metric "${name}" is outside of its bounds ${least} to ${greatest}`, kind: 'out_of_bounds' };
}
