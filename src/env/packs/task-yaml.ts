import { z } from 'zod';
import { ENTRYPOINTS } from '../task.js';

const list = <T extends z.ZodType>(item: T) =>
  z
    .array(item)
    .nullish()
    .transform((items): z.output<T>[] => items ?? []);
const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? null);

// Python's float() reads these, and MLGym applies it to every score.
const PYTHON_FLOAT = /^\s*[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;
const score = z.preprocess(
  (value) => (typeof value === 'string' && PYTHON_FLOAT.test(value) ? Number(value.replaceAll('_', '')) : value),
  z.number(),
);

/** `configs/tasks/*.yaml`: the fields of MLGym's task format, in the order in which they are written. */
export const TaskYaml = z.object({
  id: z.string().regex(/^[\w.-]+$/, 'may hold letters, digits, "_", "-" and "." only'),
  name: z.string().min(1, 'is empty'),
  description: z.string().min(1, 'is empty'),
  dataset_configs: list(z.string()),
  task_entrypoint: z.enum(ENTRYPOINTS).default('CSVSubmissionTasks'),
  training_timeout: z
    .int()
    .positive('must be greater than 0')
    .nullish()
    .transform((seconds) => seconds ?? null),
  requirements_path: optionalText,
  use_generic_conda: z.boolean().default(true),
  starter_code: list(z.string()),
  baseline_paths: list(z.string()),
  baseline_scores: list(z.record(z.string(), score)),
  sample_submission: optionalText,
  evaluation_paths: z.array(z.string()).min(1, 'is empty'),
  evaluation_read_only: z.boolean().default(false),
  memory_path: optionalText,
  benchmark_name: optionalText,
  secret_files: list(z.string()),
});
export type TaskYaml = z.output<typeof TaskYaml>;

/** What to do about a fault in a field of a task file. */
export const TASK_REMEDIES: Record<keyof TaskYaml, string> = {
  id: 'give the task a short name such as my-task; quote it if it looks like a number or a date',
  name: 'write the title of the task as a text',
  description: 'write the goal and the form of the submission as a text, in a block that starts with |-',
  dataset_configs: 'list dataset files as they are named below configs/, such as datasets/mine.yaml',
  task_entrypoint: 'name the kind of submission that the evaluation script takes',
  training_timeout: 'write a whole number of seconds such as 1800, or leave it out',
  requirements_path: 'write the path of a requirements.txt below the pack, or leave it out',
  use_generic_conda: 'write true or false',
  starter_code: 'list files or directories below the pack, such as data/my-task/baseline.py',
  baseline_paths: 'list the baseline script as it is named in the workspace, such as baseline.py',
  baseline_scores: 'write a list with one mapping from metric to number, such as - accuracy: 0.5',
  sample_submission: 'write the path of a file below the pack, or leave it out',
  evaluation_paths: 'list the evaluation script as it is named in the workspace, such as evaluate.py',
  evaluation_read_only: 'write true or false',
  memory_path: 'write a path below the pack, or leave it out',
  benchmark_name: 'write a text, or leave it out',
  secret_files: 'list files of the workspace that the agent must not see',
};

/** Seconds that MLGym gives to long commands where a task names none. */
export const DEFAULT_TRAINING_TIMEOUT_S = 3600;
