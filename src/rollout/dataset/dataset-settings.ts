import { z } from 'zod';

const positive = z.int().positive();

/** Names of filters that ship; `filter/presets.ts` says what each asks. */
export const PRESETS = ['paper', 'none', 'complete', 'success', 'improves', 'top-k'] as const;

/** Always-rejected kinds of trajectories, each of which can be switched off. */
export const REJECTS = ['infrastructure', 'cheating', 'control_tokens', 'identity'] as const;
export type Reject = (typeof REJECTS)[number];

/**
 * What a row holds. `full`: the whole episode, every observation in full. `final`: the whole episode as its last question showed it to the
 * model. `turns`: a row for each answer, with the chat exactly as the model saw it, and loss on that answer alone.
 */
export const VIEWS = ['full', 'final', 'turns'] as const;
export type View = (typeof VIEWS)[number];

/** `dataset.yaml`, and what is kept with a dataset: everything that decides what comes out of the same trajectories. */
export const DatasetSettings = z.strictObject({
  seed: z.int().min(0).default(0).describe('decides ties, splits and the order of rows'),
  sources: z.array(z.string().min(1)).min(1).describe('runs of sampling, and directories with .traj files'),
  filter: z
    .strictObject({
      preset: z.enum(PRESETS).default('paper'),
      where: z.string().nullable().default(null).describe('expression over labels that must hold as well'),
      k: positive.default(4).describe('of top-k: best trajectories of each task'),
      rejects: z.array(z.enum(REJECTS)).default([...REJECTS]),
      max_tokens: positive
        .nullable()
        .default(null)
        .describe('longer trajectories are dropped; null: 49,152 (48K) with the preset paper, no limit with others'),
    })
    .prefault({}),
  per_task: positive.nullable().default(null).describe('most trajectories of one task; null: no cap'),
  per_task_order: z.enum(['random', 'best', 'shortest']).default('random').describe('which ones a cap keeps'),
  duplicates: z.enum(['drop', 'keep']).default('drop').describe('episodes of one task in which the agent did the same'),
  held_out: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('share of the tasks, not of rows, that become the test split'),
  view: z.enum(VIEWS).default('full'),
  truncate_tokens: positive
    .nullable()
    .default(32_768)
    .describe('rows are cut at the end of an assistant turn (32K); null: never'),
  tokenizer: z
    .string()
    .nullable()
    .default(null)
    .describe("the student's: directory or tokenizer.json; null: estimated"),
  template: z.literal('qwen3').default('qwen3'),
  formats: z
    .array(z.enum(['jsonl', 'parquet']))
    .min(1)
    .default(['jsonl', 'parquet']),
  shard_rows: positive.default(500),
  card: z
    .strictObject({
      title: z.string().nullable().default(null).describe('null: made of the number of tasks'),
      license: z.string().nullable().default(null).describe('as the Hub names it, such as apache-2.0; null: left out'),
      language: z.array(z.string().min(1)).default(['en']),
    })
    .prefault({}),
});
export type DatasetSettings = z.output<typeof DatasetSettings>;
