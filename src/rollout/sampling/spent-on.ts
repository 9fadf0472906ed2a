import type { Spent } from '../../run/spent.js';
import type { Outcome } from '../../store/attempt.js';

/** @returns what a try took that came to a result */
export function spentOn(outcome: Outcome): Spent {
  const { usd, input_tokens, output_tokens, calls, unpriced_calls, seconds, gpu_hours } = outcome;
  return { usd, input_tokens, output_tokens, calls, unpriced_calls, sandbox_seconds: seconds, gpu_hours };
}
