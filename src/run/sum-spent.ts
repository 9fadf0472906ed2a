import type { Spent } from './spent.js';

/** @returns what both took together */
export function sumSpent(a: Spent, b: Partial<Spent>): Spent {
  return {
    usd: a.usd + (b.usd ?? 0),
    input_tokens: a.input_tokens + (b.input_tokens ?? 0),
    output_tokens: a.output_tokens + (b.output_tokens ?? 0),
    calls: a.calls + (b.calls ?? 0),
    unpriced_calls: a.unpriced_calls + (b.unpriced_calls ?? 0),
    sandbox_seconds: a.sandbox_seconds + (b.sandbox_seconds ?? 0),
    gpu_hours: a.gpu_hours + (b.gpu_hours ?? 0),
  };
}
