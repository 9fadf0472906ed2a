import { z } from 'zod';
import type { Ledger } from '../../../store/ledger.js';

/** How often episodes of a model at a task ended in one way. */
export const ExitCount = z.strictObject({
  task: z.string(),
  model: z.string(),
  exit_status: z.string().describe("MLGym's word"),
  stop: z.string().describe('why the agent stopped asking its model'),
  count: z.int().min(0),
});
export type ExitCount = z.output<typeof ExitCount>;

/** @returns how episodes ended, by task and model in the order of their names */
export function exitCounts({ database }: Ledger): ExitCount[] {
  return database.rows(
    `SELECT task, model, exit_status, stop, count(*) AS count FROM outcomes
     GROUP BY task, model, exit_status, stop ORDER BY task, model, exit_status, stop`,
  );
}
