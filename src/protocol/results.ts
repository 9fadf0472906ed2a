import { z } from 'zod';

/** The closed list of ways in which an episode ends. */
export const EXIT_STATUSES = [
  'submitted',
  'autosubmission',
  'submission_not_found',
  'evaluation_format_error',
  'evaluation_error',
  'early_exit',
  'skipped',
  'exit_forfeit',
  'sandbox_unavailable',
  'closed',
] as const;

/** What made the episode end; MLGym's reasons and those that MLGym has no word for. */
export const EXIT_REASONS = [
  'submit',
  'max_steps',
  'time_limit',
  'exit_context',
  'exit_cost',
  'exit_error',
  'exit_format',
  'exit_api',
  'exit_forfeit',
  'skip',
  'shell_lost',
  'sandbox_lost',
  'closed',
] as const;

export const ExitStatus = z.enum(EXIT_STATUSES);
export type ExitStatus = z.infer<typeof ExitStatus>;
export const ExitReason = z.enum(EXIT_REASONS);
export type ExitReason = z.infer<typeof ExitReason>;

/** Numbers that an evaluator printed, by name. Values may be of any JSON type; the metric of the task is finite. */
export const Metrics = z.record(z.string(), z.unknown());
export type Metrics = z.infer<typeof Metrics>;

/** What the agent sees after a reset or a step. */
export const Observation = z.object({
  text: z.string().describe('the observation in the words of MLGym; after a reset the task'),
  cwd: z.string().describe('working directory of the shell'),
  open_file: z.string().nullable().describe('file that open/edit work on'),
  state: z.string().describe('what the state command printed, JSON text; prompts are filled in from it'),
  step: z.int().describe('steps taken so far'),
  remaining_steps: z.int().describe('steps left before the step limit'),
  exit_code: z.int().nullable().describe('exit status of the command, null when there is none'),
  running: z.boolean().describe('true: the command still runs; `wait` continues, `interrupt` ends it'),
  omitted_bytes: z.int().describe('bytes of output left out of the middle of the text'),
});
export type Observation = z.infer<typeof Observation>;

/** The closed list of what an evaluation may come to. */
export const EVALUATION_RESULTS = [
  'scored',
  'no_submission',
  'submission_refused',
  'timed_out',
  'bad_exit',
  'noise',
  'no_metrics',
  'metric_missing',
  'metric_not_finite',
  'metric_out_of_bounds',
] as const;

/** How a run of the evaluator went, in terms that a program can tell apart. */
export const EvaluatorReport = z.object({
  result: z
    .enum(EVALUATION_RESULTS)
    .describe(
      '`noise`: metrics are there, and other output that costs the score; `bad_exit`: no metrics, or none that count',
    ),
  exit_code: z.int().nullable().describe('null: it did not run, or did not end by itself'),
  stdout_lines: z.int().describe('lines that are not empty'),
  stderr_lines: z.int(),
});
export type EvaluatorReport = z.infer<typeof EvaluatorReport>;

/** Facts for the trainer, never for the agent. */
export const Info = z.object({
  episode_id: z.string(),
  task: z.string().describe('env id of the task'),
  task_hash: z.string().describe('content hash of the task'),
  seed: z.int().nullable(),
  metric: z.string().nullable().describe('name of the metric that becomes the score'),
  direction: z.enum(['maximize', 'minimize']).nullable(),
  baseline: z.number().nullable().describe('baseline score of the task'),
  baseline_scores: z.record(z.string(), z.number()).nullable().describe('every number that the baseline reached'),
  score: z.number().nullable().describe('score of this step, null when the step produced none'),
  metrics: Metrics.nullable().describe('everything that the evaluator printed in this step'),
  metrics_json: z.string().nullable().describe('the same as Python writes it: 1.0 apart from 1, NaN, long integers'),
  scores: z.array(Metrics).describe('metrics of every validation and of the submission, in order'),
  valid: z.boolean().nullable().describe('whether this step produced a valid score; null when none was asked for'),
  exit_status: ExitStatus.nullable(),
  exit_reason: ExitReason.nullable(),
  mlgym_exit_status: z.string().describe('exit status in the words of MLGym, empty while the episode runs'),
  submission: z.string().nullable().describe('path of the submitted artefact'),
  step_ms: z.number().describe('wall-clock of this step in milliseconds, evaluation included'),
  evaluation_ms: z.number().nullable().describe('wall-clock of the evaluation in milliseconds'),
  evaluator: EvaluatorReport.nullable()
    .optional()
    .describe('how the evaluation of this step went; null or absent: there was none'),
});
export type Info = z.infer<typeof Info>;

/** What a reset returns. */
export const ResetResult = z.object({ episode_id: z.string(), observation: Observation, info: Info });
export type ResetResult = z.infer<typeof ResetResult>;

/** Gymnasium's five parts. */
export const StepResult = z.object({
  episode_id: z.string(),
  observation: Observation,
  reward: z.number().nullable().describe('null when no score could be produced'),
  terminated: z.boolean().describe('the task ended the episode'),
  truncated: z.boolean().describe('a limit ended the episode'),
  info: Info,
});
export type StepResult = z.infer<typeof StepResult>;

/** Where an episode stands. */
export const EpisodeState = z.object({
  episode_id: z.string(),
  task: z.string(),
  status: z.enum(['resetting', 'ready', 'running', 'evaluating', 'ended']),
  step_count: z.int(),
  remaining_steps: z.int(),
  terminated: z.boolean(),
  truncated: z.boolean(),
  exit_status: ExitStatus.nullable(),
  exit_reason: ExitReason.nullable(),
  scores: z.array(Metrics),
  started_at: z.string().describe('ISO time of the reset'),
});
export type EpisodeState = z.infer<typeof EpisodeState>;

/** What a server can hold, and what of it is taken, by whomever. */
export const Capacity = z.object({
  episodes: z.object({ used: z.int(), limit: z.int() }),
  gpus: z
    .object({
      total: z.int(),
      leased: z.int(),
      waiting: z.int().describe('resets that wait for a lease'),
    })
    .nullable()
    .describe('null: the server leases none'),
});
export type Capacity = z.infer<typeof Capacity>;

/** A task as the catalogue shows it. */
export const TaskSummary = z.object({
  task: z.string().describe('env id: namespace/name-vN'),
  name: z.string(),
  entrypoint: z.string(),
  metric: z.string().nullable(),
  direction: z.enum(['maximize', 'minimize']).nullable(),
  baseline: z.number().nullable(),
  gpus: z.int(),
  max_steps: z.int(),
  content_hash: z.string(),
});
export type TaskSummary = z.infer<typeof TaskSummary>;

/** A task with its text. */
export const TaskDetail = TaskSummary.extend({
  description: z.string(),
  files: z.array(z.string()).describe('workspace files that the agent starts with'),
  submission_paths: z.array(z.string()),
  training_timeout_s: z.number(),
  evaluation_mode: z.enum(['sealed', 'in_place']),
  template: z
    .record(z.string(), z.string())
    .describe(
      'fields of the task by the names that MLGym gives them in prompts, as Python prints them; no hidden file',
    ),
});
export type TaskDetail = z.infer<typeof TaskDetail>;

/** What came of reading the packs again, by env id. */
export const TaskReload = z.object({
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.string()).describe('no longer served: a changed task is a new version'),
  faults: z
    .array(
      z.object({
        severity: z.enum(['error', 'warning']),
        task: z.string().nullable(),
        text: z.string().describe('file, line, field, what is wrong and what to do about it'),
      }),
    )
    .describe('everything that is wrong with the packs; a task with an error is not served'),
});
export type TaskReload = z.infer<typeof TaskReload>;
