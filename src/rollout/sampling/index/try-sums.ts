import { z } from 'zod';
import { Spent } from '../../../run/spent.js';
import type { Ledger } from '../../../store/ledger.js';

/** What the tries of a model at a task took, those that came to nothing included. */
export const TrySums = z.strictObject({
  task: z.string(),
  model: z.string(),
  tries: z.int().min(0).describe('that were begun'),
  spent: Spent,
});
export type TrySums = z.output<typeof TrySums>;

const SPENT = Object.keys(Spent.shape) as (keyof Spent)[];

/** @returns what tries took, by task and model in the order of their names */
export function trySums({ database }: Ledger): TrySums[] {
  const sums = SPENT.map((name) => `sum(${name}) AS ${name}`).join(', ');
  return database
    .rows<Spent & { task: string; model: string; tries: number }>(
      `SELECT task, model, count(*) AS tries, ${sums} FROM tries JOIN attempts USING (place)
       GROUP BY task, model ORDER BY task, model`,
    )
    .map(({ task, model, tries, ...spent }) => ({ task, model, tries, spent }));
}
