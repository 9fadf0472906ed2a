import { z } from 'zod';
import type { Ledger } from '../../../store/ledger.js';

/** How often tries of a model at a task came to nothing in one way. */
export const FaultCount = z.strictObject({
  task: z.string(),
  model: z.string(),
  end: z.enum(['infrastructure', 'endpoint', 'lost', 'stopped']),
  code: z.string().describe('what failed; empty: not known'),
  count: z.int().min(0),
});
export type FaultCount = z.output<typeof FaultCount>;

/** @returns tries without a result by task and model, in the order of their names */
export function faultCounts({ database }: Ledger): FaultCount[] {
  return database.rows(
    `SELECT task, model, end, coalesce(code, '') AS code, count(*) AS count FROM tries JOIN attempts USING (place)
     WHERE end <> 'result' GROUP BY task, model, end, coalesce(code, '') ORDER BY task, model, end, coalesce(code, '')`,
  );
}
