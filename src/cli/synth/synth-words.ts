import type { Spent } from '../../run/spent.js';
import type { SynthSettings } from '../../synth/settings.js';
import { longDuration } from '../long-duration.js';
import { dollars, shortCount } from '../run/limits-bar.js';

/** @returns what was spent, and of each limit how much there is */
export function spentLine(
  spent: Spent,
  { budget, environment }: Pick<SynthSettings, 'budget' | 'environment'>,
): string {
  const tokens = spent.input_tokens + spent.output_tokens;
  const of = (used: string, limit: string | null) => (limit === null ? used : `${used} of ${limit}`);
  return [
    costWords(spent, (usd) => of(usd, budget.usd === null ? null : dollars(budget.usd))),
    of(`${shortCount(tokens)} tokens`, budget.tokens === null ? null : shortCount(budget.tokens)),
    `${shortCount(spent.calls)} questions`,
    `${longDuration(spent.sandbox_seconds)} of sandboxes`,
    ...(environment.gpus > 0 || budget.gpu_hours !== null
      ? [of(`${spent.gpu_hours.toFixed(1)} GPU-hours`, budget.gpu_hours === null ? null : String(budget.gpu_hours))]
      : []),
  ].join(', ');
}

/** @returns dollars, as far as prices are known */
function costWords({ usd, unpriced_calls }: Spent, write: (usd: string) => string): string {
  if (unpriced_calls === 0) return write(dollars(usd));
  if (usd === 0) return 'cost unknown';
  const questions = unpriced_calls === 1 ? '1 question' : `${shortCount(unpriced_calls)} questions`;
  return `at least ${write(dollars(usd))} (${questions} without a known price)`;
}
