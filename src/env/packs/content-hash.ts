import { createHash } from 'node:crypto';
import type { Sidecar, TaskFile } from '../task.js';
import type { DatasetYaml } from './dataset-yaml.js';
import type { FileHashes } from './file-hashes.js';
import type { TaskYaml } from './task-yaml.js';

/** What a task is made of, as far as it decides what happens in an episode. */
export interface TaskContent {
  config: TaskYaml;
  datasets: readonly DatasetYaml[];
  sidecar: Sidecar;
  /** Files of the workspace, by role: `starter`, `hidden`, `data`, `requirements`. */
  files: Readonly<Record<string, readonly TaskFile[]>>;
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, canonical(item)]));
}

/**
 * Hashes a task: its goal, limits, metric and evaluation, and path, executable bit and bytes of every file. Where the files lie in
 * the pack, the env id, provenance and gate verdicts are not part of it.
 * @returns `sha256:` and 64 hexadecimal digits; rejects as `fs` does when a file cannot be read
 */
export async function contentHash(content: TaskContent, hashes: FileHashes): Promise<string> {
  const { config, datasets, sidecar } = content;
  const {
    env_id: _id,
    provenance: _provenance,
    gates: _gates,
    content_hash: _hash,
    hub,
    constraints,
    ...rest
  } = sidecar;
  // As before there were such fields, so that tasks without them stay what they were published as.
  const rules = { ...rest, ...(hub.length > 0 && { hub }), ...(constraints.length > 0 && { constraints }) };
  const text = canonical({
    id: config.id,
    name: config.name,
    description: config.description,
    task_entrypoint: config.task_entrypoint,
    training_timeout: config.training_timeout,
    use_generic_conda: config.use_generic_conda,
    baseline_paths: config.baseline_paths,
    baseline_scores: config.baseline_scores,
    evaluation_paths: config.evaluation_paths,
    evaluation_read_only: config.evaluation_read_only,
    datasets: datasets.map(({ data_path, ...rest }) => ({ ...rest, data_path: rest.is_local ? null : data_path })),
    rules,
  });
  const sum = createHash('sha256').update(JSON.stringify(text)).update('\n');
  for (const [role, files] of Object.entries(content.files).sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const file of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
      const kind = (file.mode & 0o100) === 0 ? '-' : 'x';
      sum.update(JSON.stringify([role, file.path, kind, await hashes.hash(file.hostPath)])).update('\n');
    }
  }
  return `sha256:${sum.digest('hex')}`;
}
