import { z } from 'zod';
import { Spent } from '../run/spent.js';
import { Evidence, GateVerdict } from './gates/gate.js';
import { REASONS, type Reason } from './reasons.js';

/** What the next stage is, or where the candidate ended. */
export const STAGES = ['proposal', 'grounding', 'generation', 'verification', 'publishing'] as const;
export type StageName = (typeof STAGES)[number];
export const ENDS = ['published', 'frontier', 'rejected'] as const;

const reason = z.custom<Reason>((value) => typeof value === 'string' && value in REASONS, 'is no reason of reasons.ts');
const count = z.int().min(0);

/** A topic that was accepted. */
export const Topic = z.strictObject({
  title: z.string().min(1),
  summary: z.string().describe('what is learned from what, in one or two sentences'),
  area: z.string().describe('computer vision, language, reinforcement learning, time series, game theory, tabular...'),
  modality: z.string(),
  problem: z.string().describe('classification, regression, forecasting, control, search...'),
  constraint: z.string().describe('what makes it hard: few labels, noise, a budget of time...'),
  /** Of a code base: the files that the topic is about, and how they are run. */
  component: z.strictObject({ files: z.array(z.string()), entry_point: z.string() }).optional(),
});
export type Topic = z.output<typeof Topic>;

/**
 * How the work of an agent is handed in.
 * `predictions`: `submission.csv` with a prediction for each row of a test table whose labels are hidden;
 * `program`: code in the named files, which the evaluator runs; `artifact`: files that a program of the agent leaves behind.
 */
export const SUBMISSION_KINDS = ['predictions', 'program', 'artifact'] as const;

/** What the teacher proposes for a topic. */
export const Proposal = z.strictObject({
  slug: z
    .string()
    .regex(/^[a-z0-9]+(?:-[a-z0-9]+){0,7}$/)
    .max(60),
  name: z.string().min(1).max(120),
  description: z
    .string()
    .min(40)
    .describe('the goal in words for the agent; nothing about files, which are added later'),
  metric: z.strictObject({
    name: z.string().regex(/^[A-Za-z][\w-]*$/),
    direction: z.enum(['maximize', 'minimize']),
    /** Least and greatest possible value; null: none. Never negative. */
    lower: z.number().min(0),
    upper: z.number().positive().nullable(),
    explanation: z.string(),
  }),
  submission: z.strictObject({
    kind: z.enum(SUBMISSION_KINDS),
    /** `submission.csv` for predictions; else the files that are handed in. */
    files: z
      .array(z.string().regex(/^[\w.-]+(?:\/[\w.-]+)*$/))
      .min(1)
      .max(8),
  }),
  /** Null: the task needs none. */
  dataset: z
    .strictObject({
      id: z.string().describe('owner/name on the Hub, as the teacher remembers it'),
      query: z.string().describe('words to search for when there is no such dataset'),
      reason: z.string(),
    })
    .nullable(),
  approach_of_baseline: z.string(),
  room_for_improvement: z.string(),
  baseline_minutes: z.number().min(0),
  gpus: count.default(0),
});
export type Proposal = z.output<typeof Proposal>;

/** A split of a dataset as the Hub tells it. */
export const HubSplit = z.strictObject({
  config: z.string(),
  split: z.string(),
  rows: count.nullable(),
  bytes: count.nullable(),
});
export type HubSplit = z.output<typeof HubSplit>;

/** A column of a dataset, its type in the Hub's words (`string`, `int64`, `ClassLabel(3)`, `Image`...). */
export const HubFeature = z.strictObject({
  name: z.string(),
  type: z.string(),
  /** Of a `ClassLabel`, whose cells are numbers of names. */
  class_names: z.array(z.string()).optional(),
});
export type HubFeature = z.output<typeof HubFeature>;

/** What the Hub says of the dataset of a task: the evidence that it is real. */
export const DatasetEvidence = z.strictObject({
  repo: z.string(),
  requested: z.string(),
  /** Whether a search brought it, not the name that was proposed. */
  is_substitute: z.boolean(),
  revision: z.string().describe('commit of the repository'),
  data_revision: z.string().describe('commit of the files that were taken, which the Hub may have converted'),
  url: z.string(),
  licence: z.string().nullable(),
  downloads: count,
  config: z.string(),
  split: z.string(),
  splits: z.array(HubSplit),
  features: z.array(HubFeature),
  /** Cells are cut. */
  samples: z.array(z.record(z.string(), z.string())),
  bytes: count,
});
export type DatasetEvidence = z.output<typeof DatasetEvidence>;

/** How the rows of a dataset become a task, as the teacher decided when it saw them. */
export const DataPlan = z.strictObject({
  inputs: z.array(z.string()).min(1).describe('columns that the agent may use'),
  target: z.string().describe('column to be predicted'),
  target_kind: z.enum(['class', 'number', 'text']),
  split: z.strictObject({
    method: z.enum(['random', 'temporal', 'group']),
    /** Column of times or groups; null for random. */
    by: z.string().nullable(),
  }),
});
export type DataPlan = z.output<typeof DataPlan>;

/** A file of the data of a task, in the shared cache. */
export const DataFile = z.strictObject({
  path: z.string(),
  host_path: z.string(),
  bytes: count,
  is_hidden: z.boolean(),
});
export type DataFile = z.output<typeof DataFile>;

/** What a task rests on. */
export const Grounding = z.strictObject({
  /** Null for a task that needs no dataset, and where the check is switched off. */
  dataset: DatasetEvidence.nullable(),
  plan: DataPlan.nullable(),
  /**
   * `data/train.csv` and `data/test.csv` (and what their cells name, such as `data/images/17.png`), `answers.csv` (hidden) and
   * `sample_submission.csv`; the latter two have the same columns: `id` and the target. None without a dataset.
   */
  files: z.array(DataFile),
  train_rows: count,
  test_rows: count,
  /** What the files hold, with sample rows: the dataset documentation of the task. */
  documentation: z.string(),
  /** Where the samples of a task from a code base lie; null for others. */
  repository: z
    .strictObject({
      path: z.string(),
      commit: z.string(),
      editable: z.array(z.string()),
      entry_point: z.string(),
      /** File with the licence, and its first line. */
      licence: z.strictObject({ file: z.string(), title: z.string() }).nullable().default(null),
    })
    .nullable()
    .default(null),
});
export type Grounding = z.output<typeof Grounding>;

/** One try to write the programs of a task. Its files lie in the candidate's directory. */
export const Attempt = z.strictObject({
  number: count.describe('0 is the first'),
  how: z.enum(['first', 'repair', 'restart']),
  /** Null: under way. */
  verdict: z.enum(['sound', 'failed']).nullable(),
  fault: reason.nullable(),
  detail: z.string().nullable(),
  evidence: Evidence.nullable(),
  gates: z.array(GateVerdict),
});
export type Attempt = z.output<typeof Attempt>;

/** A task being made: saved whole after every stage. */
export const Candidate = z.strictObject({
  version: z.literal(1),
  /** `0007-2-slug-of-topic`: number of the topic, number within the topic (from 1), words. Also a directory name. */
  id: z.string(),
  topic: Topic,
  /** From the run's seed and the id; what is left to chance for this candidate follows from it. */
  seed: count,
  /** Position in the settings' list. */
  teacher: count,
  /** The stage that comes next, or how it ended. */
  state: z.enum([...STAGES, ...ENDS]),
  proposal: Proposal.nullable(),
  grounding: Grounding.nullable(),
  attempts: z.array(Attempt),
  /** Baseline of the last attempt, once measured. */
  baseline: z.strictObject({ scores: z.array(z.number()), mean: z.number(), std: z.number() }).nullable(),
  /** Episodes that the teacher played, best score of each; null without one. Trajectories lie in the candidate's directory. */
  episodes: z.array(z.strictObject({ directory: z.string(), score: z.number().nullable(), steps: count })),
  /** Why it is not published; set for `frontier` and `rejected`. */
  reason: reason.nullable(),
  detail: z.string().nullable(),
  /** The stage that ended it; the pipeline sets it. */
  ended_in: z.enum(STAGES).nullable().optional(),
  /** Env id in its pack. */
  env_id: z.string().nullable(),
  spent: Spent,
  /** Times that a stage was tried and others' faults ended it. */
  retries: count,
});
export type Candidate = z.output<typeof Candidate>;
