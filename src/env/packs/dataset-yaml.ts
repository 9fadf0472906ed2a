import { z } from 'zod';

const split = z
  .object({ name: z.string(), file_regex: z.string() })
  .nullish()
  .transform((value) => value ?? null);

/** `configs/datasets/*.yaml`: the fields of MLGym's dataset format, in the order in which they are written. */
export const DatasetYaml = z.object({
  name: z.string().min(1, 'is empty'),
  description: z.string(),
  data_path: z.string().min(1, 'is empty'),
  is_local: z.boolean().default(false),
  train_split: split,
  valid_split: split,
  test_split: split,
});
export type DatasetYaml = z.output<typeof DatasetYaml>;

const splitRemedy = 'write a mapping with name and file_regex, or leave it out';

/** What to do about a fault in a field of a dataset file. */
export const DATASET_REMEDIES: Record<keyof DatasetYaml, string> = {
  name: 'write the name of the dataset as a text',
  description: 'write what the files and columns mean as a text',
  data_path: 'write a directory below the pack with is_local: true, else the id of a Hub repository',
  is_local: 'write true for a directory of the pack, false for a Hub repository',
  train_split: splitRemedy,
  valid_split: splitRemedy,
  test_split: splitRemedy,
};

/** The dataset documentation that a task description can show. */
export function datasetDocs(datasets: readonly Pick<DatasetYaml, 'name' | 'description'>[]): string {
  return datasets.map(({ name, description }) => `${name.toUpperCase()}:\n${description}\n\n`).join('');
}
