import { z } from 'zod';
import type { ColumnFacts } from './column-facts.js';

/** What the data of a task is made from; with the constants of the code it decides every byte. */
export interface DataRecipe {
  repo: string;
  /** Commit of the files. */
  revision: string;
  /** Paths within the repository, in order. */
  files: readonly string[];
  maxRows: number;
  testShare: number;
  /** Private: who knows it can tell which rows are the test. */
  seed: number;
}

const count = z.int().min(0);

/** What lies in the cache beside the files of a task's data. */
export const TaskData = z.strictObject({
  version: z.literal(1),
  train_rows: count,
  test_rows: count,
  /** Rows of the split that they were chosen from. */
  rows: count,
  left_out: z.strictObject({
    without_target: count,
    without_place: count.describe('no time or group to split by'),
    repeated: count.describe('test rows whose inputs a training row has as well'),
  }),
  files: z.array(z.strictObject({ path: z.string(), bytes: count, is_hidden: z.boolean() })),
  /** Of the training table; the target is the last one. */
  columns: z.array(z.custom<ColumnFacts>((value) => typeof value === 'object' && value !== null)),
  /** First lines of the training table, cells whole. */
  sample: z.array(z.array(z.string())),
});
export type TaskData = z.output<typeof TaskData>;
