import { z } from 'zod';
import { ATTEMPT_STATES, type AttemptState } from '../../../store/attempt.js';
import type { Ledger } from '../../../store/ledger.js';

const count = z.int().min(0);

/** What became of the attempts of one model at one task. */
export const TaskSums = z.strictObject({
  task: z.string().describe('env id'),
  model: z.string().describe('name of the player'),
  attempts: count.describe('= open + running + done + failed'),
  open: count,
  running: count,
  done: count.describe('have a trajectory'),
  failed: count.describe("given up for others' faults"),
  valid: count.describe('of those done, those with a submission that has a score'),
  improves: count.describe('of those done, those whose best score is better than the baseline'),
  submissions: count,
  valid_submissions: count,
  steps: count,
  format_errors: count,
  calls: count,
  unpriced_calls: count,
  input_tokens: count,
  cached_tokens: count,
  output_tokens: count,
  usd: z.number(),
  seconds: z.number().describe('wall-clock of episodes, one after the other'),
  model_seconds: z.number().describe('of them, waiting for the model'),
  gpu_hours: z.number(),
  bytes: count.describe('of trajectories'),
  direction: z.enum(['maximize', 'minimize']).nullable(),
  baseline: z.number().nullable(),
  best: z.number().nullable().describe('best score of all, by the direction'),
});
export type TaskSums = z.output<typeof TaskSums>;

const ADDED = [
  'submissions',
  'steps',
  'format_errors',
  'calls',
  'unpriced_calls',
  'input_tokens',
  'cached_tokens',
  'output_tokens',
  'usd',
  'seconds',
  'model_seconds',
  'gpu_hours',
  'bytes',
] as const;

type Played = Omit<TaskSums, 'attempts' | AttemptState>;

const PLAYED = `SELECT task, model, sum(valid > 0) AS valid, sum(improves) AS improves, sum(valid) AS valid_submissions,
  ${ADDED.map((name) => `sum(${name}) AS ${name}`).join(', ')}, max(direction) AS direction, max(baseline) AS baseline,
  CASE max(direction) WHEN 'maximize' THEN max(best) WHEN 'minimize' THEN min(best) END AS best
  FROM outcomes GROUP BY task, model`;

/** @returns what became of all attempts, by task and model in the order of their names */
export function taskSums(ledger: Ledger): TaskSums[] {
  const { database } = ledger;
  const played = new Map(database.rows<Played>(PLAYED).map((row) => [keyOf(row), row]));
  const counted = `SELECT task, model, count(*) AS attempts, ${ATTEMPT_STATES.map((state) => `sum(state = '${state}') AS ${state}`).join(', ')}
    FROM attempts GROUP BY task, model ORDER BY task, model`;
  return database
    .rows<Pick<TaskSums, 'task' | 'model' | 'attempts' | AttemptState>>(counted)
    .map((row) => ({ ...row, ...(played.get(keyOf(row)) ?? NOTHING_PLAYED), task: row.task, model: row.model }));
}

const NOTHING_PLAYED: Omit<Played, 'task' | 'model'> = {
  valid: 0,
  improves: 0,
  valid_submissions: 0,
  ...(Object.fromEntries(ADDED.map((name) => [name, 0])) as Record<(typeof ADDED)[number], number>),
  direction: null,
  baseline: null,
  best: null,
};

function keyOf({ task, model }: { task: string; model: string }): string {
  return JSON.stringify([task, model]);
}
