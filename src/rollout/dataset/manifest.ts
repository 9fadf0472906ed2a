import { z } from 'zod';
import { DatasetSettings } from './dataset-settings.js';

const count = z.int().min(0);

/** Why a trajectory is not in a dataset: each that was looked at has exactly one fate. */
export const DROPS = [
  'unreadable',
  'infrastructure',
  'cheating',
  'control_tokens',
  'identity',
  'preset',
  'too_long',
  'where',
  'no_turn',
  'duplicate',
  'top_k',
  'per_task',
] as const;
export type Drop = (typeof DROPS)[number];

/** A file of a dataset. */
export const DatasetFile = z.strictObject({
  path: z.string().describe('below the directory of the dataset'),
  split: z.enum(['train', 'test']),
  format: z.enum(['jsonl', 'parquet']),
  rows: count,
  bytes: count,
  sha256: z.string(),
});
export type DatasetFile = z.output<typeof DatasetFile>;

/** A column of a histogram: values from `from` on, up to `below`; null: without an end. */
export const DatasetBin = z.strictObject({
  from: z.number().nullable(),
  below: z.number().nullable(),
  kept: count,
  dropped: count,
});
export type DatasetBin = z.output<typeof DatasetBin>;

/** `manifest.json`: what a dataset was made of, what was kept and dropped, and the hashes of its files. */
export const DatasetManifest = z.strictObject({
  version: z.literal(1),
  software: z.string(),
  created_at: z.string(),
  /** With names in the place of paths, which would tell of the machine. */
  settings: DatasetSettings,
  /** The whole filter as one expression, presets written out. */
  expression: z.string(),
  tokenizer: z.strictObject({ sha256: z.string().nullable(), exact: z.boolean() }),
  template: z.strictObject({ name: z.string(), version: z.string() }),
  sources: z.array(
    z.strictObject({
      name: z.string().describe('what ids of its trajectories begin with'),
      run: z.string().nullable().describe('id of the run of sampling; null: it is none'),
      trajectories: count,
      sha256: z.string().describe('of the list of files and their hashes'),
    }),
  ),
  trajectories: count.describe('looked at'),
  kept: count,
  dropped: z.partialRecord(z.enum(DROPS), count),
  /** Of dropped ones by `preset` and `where`: the first part of the expression that did not hold. */
  clauses: z.array(z.strictObject({ clause: z.string(), dropped: count })),
  tasks: z.array(
    z.strictObject({
      task: z.string(),
      split: z.enum(['train', 'test']),
      trajectories: count,
      valid: count,
      improved: count,
      kept: count,
      rows: count,
      dropped: z.partialRecord(z.enum(DROPS), count),
    }),
  ),
  models: z.array(
    z.strictObject({ model: z.string(), trajectories: count, valid: count, improved: count, kept: count }),
  ),
  exit_statuses: z.array(z.strictObject({ exit_status: z.string(), trajectories: count, kept: count })),
  /** Of what was looked at. `improvement`: over the baseline, of those that have both. */
  distributions: z.strictObject({
    tokens: z.array(DatasetBin),
    steps: z.array(DatasetBin),
    improvement: z.array(DatasetBin),
  }),
  rows: count,
  tokens: count,
  loss_tokens: count,
  truncated: count.describe('rows that were cut'),
  omitted: count.default(0).describe('answers that are no row, because the chat before them is too long: view `turns`'),
  unknown_views: count
    .default(0)
    .describe('trajectories with full rows in another view, because they do not say what the model saw'),
  files: z.array(DatasetFile),
});
export type DatasetManifest = z.output<typeof DatasetManifest>;
