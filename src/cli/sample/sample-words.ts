import type { SampleSettings } from '../../rollout/sampling/sample-settings.js';
import type { Spent } from '../../run/spent.js';
import { longDuration } from '../long-duration.js';
import { dollars, shortCount } from '../run/limits-bar.js';

/** @param wallSeconds of all processes @returns what a run took, and of each limit how much there is */
export function sampleSpentLine(spent: Spent, wallSeconds: number | null, budget: SampleSettings['budget']): string {
  const of = (used: string, limit: string | null) => (limit === null ? used : `${used} of ${limit}`);
  const tokens = spent.input_tokens + spent.output_tokens;
  const isUnknown = spent.usd === 0 && spent.unpriced_calls > 0;
  const usd = of(dollars(spent.usd), budget.usd === null ? null : dollars(budget.usd));
  const cost = isUnknown ? 'cost unknown' : spent.unpriced_calls > 0 ? `at least ${usd}` : usd;
  const hours = budget.hours === null ? null : longDuration(budget.hours * 3600);
  return [
    cost,
    of(`${shortCount(tokens)} tokens`, budget.tokens === null ? null : shortCount(budget.tokens)),
    `${shortCount(spent.calls)} questions`,
    ...(spent.gpu_hours > 0 || budget.gpu_hours !== null
      ? [of(`${spent.gpu_hours.toFixed(1)} GPU-hours`, budget.gpu_hours === null ? null : String(budget.gpu_hours))]
      : []),
    ...(wallSeconds === null ? [] : [of(longDuration(wallSeconds), hours)]),
  ].join(', ');
}
