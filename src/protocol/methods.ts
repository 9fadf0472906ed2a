import { z } from 'zod';
import { Action } from './actions.js';
import { Capacity, EpisodeState, ResetResult, StepResult, TaskDetail, TaskSummary } from './results.js';

const episodeId = z.string().min(1).max(255);

/** The ways in which a score becomes a reward; see `src/env/evaluation/reward.ts`. */
export const REWARDS = ['improvement', 'score', 'normalized', 'binary', 'ladder', 'rank', 'none'] as const;

/** A file of commands in SWE-agent's manner: shell functions to source, or a program with a first line that starts with `#!`. */
export const CommandFile = z.object({
  name: z.string().regex(/^[\w.-]{1,128}$/),
  contents: z.string().max(256 * 1024),
});
export type CommandFile = z.infer<typeof CommandFile>;

/** What is run after every action to say where the agent stands; prints one JSON object. */
export const StateCommand = z.object({
  name: z.string().regex(/^[A-Za-z_]\w{0,63}$/),
  code: z.string().max(64 * 1024),
});
export type StateCommand = z.infer<typeof StateCommand>;

/** What a client may choose at reset. Unset fields follow the task. */
export const EpisodeOptions = z.object({
  max_steps: z.int().min(1).max(10_000).optional(),
  reward: z.enum(REWARDS).optional(),
  step_timeout_s: z.number().positive().optional().describe('limit of a short command in seconds'),
  training_timeout_s: z.number().positive().optional().describe('limit of a long command in seconds'),
  episode_timeout_s: z.number().positive().optional(),
  window: z.int().min(1).max(100_000).optional().describe('lines that open shows'),
  keep_output_bytes: z
    .int()
    .min(1024)
    .max(4 * 1024 * 1024)
    .optional(),
  compat: z
    .enum(['mlgym', 'fixed'])
    .optional()
    .describe(
      '`mlgym`, the default: command lines and observations as in MLGym, where students are judged; `fixed`: its quirks mended',
    ),
  variables: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string().max(4096))
    .optional()
    .describe('shell variables of the agent, as its configuration spells them; WINDOW and OVERLAP also set the viewer'),
  command_files: z
    .array(CommandFile)
    .max(64)
    .optional()
    .describe('commands of the agent beside the ones every sandbox has, in the order in which they are installed'),
  state_command: StateCommand.optional().describe('unset: the open file and the working directory'),
  memory: z.boolean().optional().describe('the memory file of the task is there, and kept when the episode ends'),
});
export type EpisodeOptions = z.infer<typeof EpisodeOptions>;

/** Parameters of `reset`. */
export const ResetParams = z.object({
  task: z.string().min(1).max(512).describe('env id; without a version the highest'),
  episode_id: episodeId.optional().describe('chosen by the client; a live one is ended first'),
  seed: z.int().min(0).optional(),
  options: EpisodeOptions.optional(),
});
export type ResetParams = z.infer<typeof ResetParams>;

/** Parameters of `step`. */
export const StepParams = z.object({
  episode_id: episodeId,
  action: Action,
  stream: z.boolean().optional().describe('send output while the command runs'),
  deadline_ms: z
    .number()
    .positive()
    .optional()
    .describe('answer with a partial observation (`running`) when the command takes longer'),
});
export type StepParams = z.infer<typeof StepParams>;

const EpisodeParams = z.object({ episode_id: episodeId });

/**
 * Every method of the native profile: its parameters and its result. The dispatcher validates both, so that neither side can
 * drift from the contract.
 */
export const METHODS = {
  reset: { params: ResetParams, result: ResetResult },
  step: { params: StepParams, result: StepResult },
  state: { params: EpisodeParams, result: EpisodeState },
  interrupt: { params: EpisodeParams, result: z.object({ interrupted: z.boolean() }) },
  close: { params: EpisodeParams, result: z.object({ closed: z.boolean() }) },
  list_episodes: { params: z.object({}), result: z.object({ episodes: z.array(EpisodeState) }) },
  capacity: { params: z.object({}), result: Capacity },
  list_tasks: {
    params: z.object({ namespace: z.string().optional() }),
    result: z.object({ tasks: z.array(TaskSummary) }),
  },
  describe_task: { params: z.object({ task: z.string() }), result: TaskDetail },
} as const;
export type Method = keyof typeof METHODS;
export type Params<M extends Method> = z.input<(typeof METHODS)[M]['params']>;
export type Result<M extends Method> = z.infer<(typeof METHODS)[M]['result']>;
