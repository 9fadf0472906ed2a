import { z } from 'zod';

const count = z.int().min(0);

/** What something took. */
export const Spent = z.strictObject({
  usd: z.number().describe('of calls whose price is known'),
  input_tokens: count,
  output_tokens: count,
  calls: count,
  unpriced_calls: count.default(0).describe('of the calls, those whose price is not known'),
  sandbox_seconds: z.number(),
  gpu_hours: z.number(),
});
export type Spent = z.output<typeof Spent>;
export const NOTHING_SPENT: Spent = {
  usd: 0,
  input_tokens: 0,
  output_tokens: 0,
  calls: 0,
  unpriced_calls: 0,
  sandbox_seconds: 0,
  gpu_hours: 0,
};
