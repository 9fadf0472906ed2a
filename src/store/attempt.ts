import { z } from 'zod';

const count = z.int().min(0);

/**
 * How one try at an attempt ended. `result`: whatever the agent did, it counts. `infrastructure`: server, sandbox, connection or GPU
 * failed; played again. `endpoint`: the model could not be asked; played again. `lost`: the process that played was killed; played again.
 * `stopped`: somebody stopped the run; played again.
 */
export const TRY_ENDS = ['result', 'infrastructure', 'endpoint', 'lost', 'stopped'] as const;
export type TryEnd = (typeof TRY_ENDS)[number];

/**
 * Where an attempt stands. `open`: to be played. `running`: a process plays it. `done`: it has a trajectory, whole and on disk. `failed`:
 * given up after as many tries as others' faults may take; it has none.
 */
export const ATTEMPT_STATES = ['open', 'running', 'done', 'failed'] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

/** What is to be played exactly once: the attempt of a number at a task by a model. */
export const Attempt = z.strictObject({
  /** `<task>/<model>/<number>`, with the number in five digits: unique in a run, and the trajectory's path without `.traj`. */
  id: z.string(),
  task: z.string().describe('env id'),
  task_hash: z.string(),
  model: z.string().describe('name of the player in the settings, fit for a path'),
  number: count,
  seed: count.describe('of the reset, and of the answers where the endpoint takes one'),
  gpus: count,
});
export type Attempt = z.output<typeof Attempt>;

/** What a played attempt came to: what the index answers from without opening a file. */
export const Outcome = z.strictObject({
  stop: z.string().describe('why the agent stopped asking its model'),
  exit_status: z.string().describe("MLGym's word"),
  steps: count,
  submissions: count.describe('evaluations, the last one included'),
  valid: count.describe('of them, those with a finite metric'),
  direction: z.enum(['maximize', 'minimize']).nullable().describe('of the task; null: it has no metric'),
  best: z.number().nullable().describe('best score by the direction of the task'),
  last: z.number().nullable(),
  baseline: z.number().nullable(),
  improves: z.boolean().describe('the best score is better than the baseline'),
  format_errors: count,
  input_tokens: count,
  cached_tokens: count,
  output_tokens: count,
  calls: count,
  unpriced_calls: count,
  usd: z.number().min(0),
  seconds: z.number().min(0).describe('wall-clock of the try, reset to close'),
  model_seconds: z.number().min(0).describe('of them, waiting for the model'),
  gpu_hours: z.number().min(0).describe('GPUs times the time that their lease was held'),
  bytes: count.describe('of the trajectory'),
  sha256: z.string().describe('of the trajectory'),
});
export type Outcome = z.output<typeof Outcome>;
