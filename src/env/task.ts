import { z } from 'zod';

/** The four kinds of MLGym task: how the evaluator is called and what counts as the submission. */
export const ENTRYPOINTS = [
  'CSVSubmissionTasks',
  'PythonSubmissionTasks',
  'ModelSubmissionTasks',
  'LMSubmissionTasks',
] as const;
export type Entrypoint = (typeof ENTRYPOINTS)[number];

export type Direction = 'maximize' | 'minimize';

/** `namespace/name-vN`, as Gymnasium writes ids. */
export const ENV_ID = /^(?<namespace>[\w-]+)\/(?<name>[\w.-]+)-v(?<version>\d+)$/;

const count = z.int().min(0);

/** Name of a repository of the Hub; the oldest have no owner. */
export const HUB_REPO = /^[\w.-]+(?:\/[\w.-]+)?$/;

/** `gymsmith/<id>.json`: what MLGym's format has no place for. */
export const Sidecar = z.strictObject({
  version: z.literal(1),
  env_id: z.string().regex(ENV_ID, 'must look like namespace/name-v1'),
  metric: z.strictObject({
    name: z.string().min(1).describe('key of the evaluator output that is the score'),
    direction: z.enum(['maximize', 'minimize']),
    bounds: z.tuple([z.number(), z.number()]).nullable().default(null).describe('least and greatest possible score'),
    tolerance: z.number().min(0).default(0).describe('difference of two scores of the same submission that is noise'),
  }),
  baseline: z
    .strictObject({ score: z.number(), std: z.number().min(0).default(0), runs: count.default(1) })
    .nullable()
    .default(null),
  evaluation: z
    .strictObject({
      mode: z.enum(['sealed', 'in_place']).default('sealed'),
      run_as: z.enum(['evaluator', 'root']).default('evaluator'),
      timeout_ms: z.number().positive().nullable().default(null).describe('null: the training timeout of the task'),
    })
    .prefault({}),
  hidden_files: z.array(z.string()).default([]).describe('workspace-relative files that only the evaluator gets'),
  submission: z
    .strictObject({ paths: z.array(z.string()).min(1), max_bytes: count.default(1 << 30) })
    .nullable()
    .default(null)
    .describe('what is copied to the evaluator; null: what the entrypoint implies'),
  resources: z
    .strictObject({
      image: z.string().default('gymsmith/cpu'),
      cpus: z.number().positive().default(2),
      memory_bytes: z
        .int()
        .positive()
        .default(4 * 2 ** 30),
      disk_bytes: z
        .int()
        .positive()
        .default(2 * 2 ** 30),
      pids: z.int().positive().default(512),
      gpus: count.default(0),
    })
    .prefault({}),
  network: z.enum(['none', 'open']).default('none'),
  hub: z
    .array(
      z.strictObject({
        repo: z.string().regex(HUB_REPO, 'must look like owner/name'),
        type: z.enum(['dataset', 'model']).default('dataset'),
        revision: z.string().min(1).nullable().default(null).describe('branch, tag or commit; null: main'),
        aliases: z.array(z.string().regex(HUB_REPO)).default([]).describe('other names that programs load it by'),
        configurations: z.array(z.string()).default([]).describe('none: the default one, or all where there is none'),
        files: z.array(z.string()).default([]).describe('patterns of what is taken; none: everything'),
      }),
    )
    .default([])
    .describe('repositories of the Hub that programs of the task load, beside its datasets, or more about these'),
  constraints: z
    .array(z.string())
    .default([])
    .describe('versions that pip keeps to where the requirements of the task leave them open, such as "jax==0.4.38"'),
  limits: z
    .strictObject({
      max_steps: z.int().min(1).default(50),
      episode_timeout_ms: z
        .number()
        .positive()
        .default(4 * 3600_000),
    })
    .prefault({}),
  provenance: z.record(z.string(), z.unknown()).default({}),
  gates: z.record(z.string(), z.unknown()).default({}).describe('verdicts of the quality gates'),
  content_hash: z.string().nullable().default(null).describe('hash of the task when it was published'),
});
export type Sidecar = z.infer<typeof Sidecar>;

/** A dataset of a task. */
interface TaskDataset {
  name: string;
  description: string;
  /** Absolute host directory when local, else the id of a Hub repository. */
  dataPath: string;
  isLocal: boolean;
}

/** A file that a task ships, read lazily. */
export interface TaskFile {
  /** Relative to the workspace, with `/`. */
  path: string;
  hostPath: string;
  mode: number;
  sizeBytes: number;
}

/** Everything that is fixed about a task: goal, files, data, evaluator, metric, baseline, limits. Immutable. */
export interface Task {
  /** `namespace/name-vN` */
  envId: string;
  /** `id` of the YAML; MLGym's file and directory names use it. */
  id: string;
  name: string;
  /** Description with the dataset documentation filled in. */
  description: string;
  /** What prompt templates may name, as Python prints it. */
  promptFields: Readonly<Record<string, string>>;
  entrypoint: Entrypoint;
  /** Seconds for long commands, baseline and evaluation. */
  trainingTimeoutS: number;
  datasets: readonly TaskDataset[];
  /** Files that the agent starts with. */
  starterFiles: readonly TaskFile[];
  /** Files that only the evaluator gets. */
  hiddenFiles: readonly TaskFile[];
  /** First of `evaluation_paths`, relative to the workspace. */
  evaluationPath: string;
  evaluationReadOnly: boolean;
  /** First of `baseline_paths`, relative to the workspace. */
  baselinePath: string | null;
  /** First of `baseline_scores`, values as floats. */
  baselineScores: Readonly<Record<string, number>> | null;
  /** What agents noted in earlier episodes begins with this file of the pack, relative to it; it need not be there. */
  memoryPath: string | null;
  /** Sidecar, or the facts that stand for it. */
  sidecar: Sidecar;
  /** `requirements.txt` of a task with a Python environment of its own. */
  requirements: TaskFile | null;
  /** `sha256:...` over the configuration and every file of the task. */
  contentHash: string;
  /** Directory of the pack that the task came from. */
  packRoot: string;
}
