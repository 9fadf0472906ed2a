import { z } from 'zod';
import { Action, StepResult } from '../protocol/index.js';

const ModelStats = z.object({
  total_cost: z.number(),
  task_cost: z.number(),
  tokens_sent: z.int(),
  tokens_received: z.int(),
  api_calls: z.int(),
});

/** One completed step, in MLGym's words and order. */
const TrajectoryStep = z.object({
  state: z.string().describe('what the state command printed before the action'),
  response: z.string().describe('raw output of the model'),
  thought: z.string(),
  action: z.string().describe('as parsed from the response'),
  execution_time: z.number().describe('seconds, evaluation included'),
  observation: z.string(),
});

const HistoryEntry = z.looseObject({
  role: z.string(),
  content: z.string(),
  agent: z.string().optional(),
  thought: z.string().optional(),
  action: z.string().optional(),
  is_demo: z.boolean().optional(),
});

/** A model call of a round. */
const CallRecord = z.object({
  input_tokens: z.int(),
  cached_input_tokens: z.int(),
  output_tokens: z.int(),
  estimated: z.boolean(),
  cost_usd: z.number().nullable(),
  attempts: z.int(),
  latency_ms: z.number(),
  finish_reason: z.string().nullable(),
  rejected: z.string().nullable(),
});

/** What Gymsmith knows of a round beyond MLGym's file; as many entries as `trajectory`, in its order. */
const StepRecord = z.object({
  sent: Action.nullable().describe('what was sent when it was not the text of the action'),
  reward: z.number().nullable(),
  terminated: z.boolean(),
  truncated: z.boolean(),
  exit_code: z.int().nullable(),
  omitted_bytes: z.int(),
  score: z.number().nullable(),
  valid: z.boolean().nullable(),
  evaluation_ms: z.number().nullable(),
  calls: z.array(CallRecord),
});

/** Which of many episodes a file is the record of. */
export const AttemptRecord = z.object({
  run: z.string().describe('id of the run'),
  id: z.string().describe('of the attempt in the run'),
  try: z.int().describe('1 for the first'),
  player: z.string(),
  gpus: z.int(),
});
export type AttemptRecord = z.infer<typeof AttemptRecord>;

/** The key of ours in a `.traj` file. Whoever reads MLGym's files passes it over. */
export const RunRecord = z.object({
  version: z.literal(1),
  software: z.string().describe('name and version of what wrote the file'),
  task: z.string().describe('env id'),
  task_hash: z.string(),
  episode_id: z.string(),
  seed: z.int().nullable(),
  options: z.record(z.string(), z.unknown()).describe('options of the reset'),
  metric: z.string().nullable(),
  direction: z.enum(['maximize', 'minimize']).nullable(),
  baseline_scores: z.record(z.string(), z.number()).nullable(),
  agent: z.object({ name: z.string(), source: z.string(), parser: z.string(), config: z.unknown() }),
  model: z.object({ name: z.string(), settings: z.record(z.string(), z.unknown()) }),
  started_at: z.string(),
  ended_at: z.string(),
  stop: z.string().describe('why the agent stopped asking its model'),
  failure: z.string().nullable(),
  exit_status: StepResult.shape.info.shape.exit_status,
  exit_reason: StepResult.shape.info.shape.exit_reason,
  attempt: AttemptRecord.optional().describe('where it was one of many'),
  steps: z.array(StepRecord),
});
export type RunRecord = z.infer<typeof RunRecord>;

/** A `.traj` file: MLGym's keys, and ours under one key. */
export const Trajectory = z.object({
  environment: z.string(),
  trajectory: z.array(TrajectoryStep),
  history: z.array(HistoryEntry),
  info: z.looseObject({
    model_stats: ModelStats.partial().optional(),
    exit_status: z.string().nullable().optional(),
    submission: z.string().nullable().optional(),
    score: z.array(z.record(z.string(), z.unknown())).optional(),
  }),
  gymsmith: RunRecord.optional(),
});
export type Trajectory = z.infer<typeof Trajectory>;
