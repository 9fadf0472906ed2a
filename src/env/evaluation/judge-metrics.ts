import type { EvaluatorReport } from '../../protocol/index.js';
import type { Sidecar } from '../task.js';
import type { PrintedMetrics } from './parse-metrics.js';

/** A score outside its bounds by less than this share of their distance is rounding, not cheating. */
const ROUNDING = 1e-9;

/** Why metrics hold no score. */
interface MetricFault {
  fault: string;
  kind: Extract<EvaluatorReport['result'], `metric_${string}`>;
}

/**
 * Takes the score of a task out of what its evaluator printed.
 * @returns the score, or why there is none
 */
export function judgeMetrics(
  { numbers, metrics }: PrintedMetrics,
  { name, bounds }: Sidecar['metric'],
): { score: number } | MetricFault {
  const score = numbers.get(name);
  if (score === undefined) {
    const isThere = Object.hasOwn(metrics, name);
    const fault = isThere ? `the metric "${name}" is not a number` : `the evaluation printed no metric "${name}"`;
    return { fault, kind: isThere ? 'metric_not_finite' : 'metric_missing' };
  }
  if (!Number.isFinite(score)) return { fault: `the metric "${name}" is not finite`, kind: 'metric_not_finite' };
  if (!bounds) return { score };
  const [least, greatest] = bounds;
  const slack = (greatest - least) * ROUNDING;
  if (score >= least - slack && score <= greatest + slack) return { score };
  const fault = `the metric "${name}" is outside of its bounds ${least} to ${greatest}`;
  return { fault, kind: 'metric_out_of_bounds' };
}
