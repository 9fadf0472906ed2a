import path from 'node:path';
import { glob } from '../evaluation/glob.js';
import type { Sidecar, TaskFile } from '../task.js';
import { datasetPlace } from '../workspace/data-mounts.js';
import type { DatasetYaml } from './dataset-yaml.js';
import { insidePack, listFiles, PathFault } from './pack-paths.js';
import { pathAt } from './path-at.js';
import type { ConfigFile } from './read-config.js';
import type { TaskSource } from './task-source.js';
import { TASK_REMEDIES, type TaskYaml } from './task-yaml.js';

/** Files of a task by role, as they lie in the workspace. */
export interface TaskFiles {
  starter: TaskFile[];
  data: TaskFile[];
  requirements: TaskFile[];
  /** A local dataset is not there. */
  absentData: boolean;
  /** Some starter code could not be taken. */
  absentStarter: boolean;
}

/** Splits say which files are for what, to people and programs; they hide nothing. */
function checkSplits({ value, faults }: ConfigFile<DatasetYaml>, files: readonly TaskFile[]): void {
  for (const name of ['train_split', 'valid_split', 'test_split'] as const) {
    const pattern = value[name]?.file_regex;
    if (pattern === undefined || files.length === 0 || files.some(({ path }) => glob(pattern)(path))) continue;
    const remedy = 'write a pattern of the workspace such as ./data/train*, or leave the split out';
    faults.warning([name, 'file_regex'], `${pattern} fits no file of the dataset`, remedy);
  }
}

async function listDataset(root: string, dataset: ConfigFile<DatasetYaml>, at: string): Promise<TaskFile[] | null> {
  const { data_path } = dataset.value;
  const field = ['data_path'];
  const files = await pathAt(dataset, field, async () => {
    const host = await insidePack(root, data_path).catch((error: unknown) => {
      if (!(error instanceof PathFault) || error.kind !== 'missing') throw error;
      dataset.faults.warning(field, error.message, 'put the data there before an episode of the task is asked for');
      return null;
    });
    return host === null ? null : listFiles(root, host, at);
  });
  if (files?.[0]?.path !== at) {
    checkSplits(dataset, files ?? []);
    return files;
  }
  dataset.faults.error(field, `${data_path} is a file`, 'name the directory that holds it');
  return null;
}

/** Lists what `starter_code`, local datasets and `requirements_path` name, reporting what cannot be used. */
export async function listTaskFiles(
  source: TaskSource,
  task: ConfigFile<TaskYaml>,
  datasets: readonly ConfigFile<DatasetYaml>[],
): Promise<TaskFiles> {
  const { root } = source;
  const files: TaskFiles = { starter: [], data: [], requirements: [], absentData: false, absentStarter: false };
  const local = datasets.filter((dataset) => dataset.value.is_local);
  for (const [index, dataset] of local.entries()) {
    const list = await listDataset(root, dataset, datasetPlace(index, dataset.value.data_path));
    files.absentData ||= list === null;
    files.data.push(...(list ?? []));
  }
  const taken = new Set<string>();
  for (const [index, entry] of task.value.starter_code.entries()) {
    const at = ['starter_code', index];
    const name = path.basename(path.normalize(entry));
    const list = await pathAt(task, at, async () => {
      const host = await insidePack(root, entry);
      if (host === root) throw new PathFault('special', 'names the whole pack', 'name files or directories below data');
      return listFiles(root, host, name);
    });
    files.absentStarter ||= list === null;
    for (const file of list ?? []) {
      if (taken.has(file.path)) {
        task.faults.error(at, `${file.path} is in the workspace already`, 'list every name of the workspace once');
      } else if (local.length > 0 && (file.path === 'data' || file.path.startsWith('data/'))) {
        task.faults.error(
          at,
          `${file.path} lands where the dataset is mounted`,
          'rename it, or put it into the dataset',
        );
      } else {
        taken.add(file.path);
        files.starter.push(file);
      }
    }
  }
  const { requirements_path, use_generic_conda } = task.value;
  if (requirements_path !== null && !use_generic_conda) {
    const list = await pathAt(task, ['requirements_path'], async () =>
      listFiles(root, await insidePack(root, requirements_path), 'requirements.txt'),
    );
    files.requirements.push(...(list ?? []));
  } else if (!use_generic_conda) {
    task.faults.error(
      ['use_generic_conda'],
      'is false and there is no requirements_path',
      TASK_REMEDIES.requirements_path,
    );
  }
  return files;
}

/** Reports scripts that no starter file provides. */
export function checkScripts(task: ConfigFile<TaskYaml>, files: TaskFiles): void {
  const { evaluation_paths, baseline_paths, baseline_scores } = task.value;
  const there = new Set([...files.starter, ...files.data].map((file) => file.path));
  const isThere = (script: string) =>
    there.has(path.posix.normalize(script)) || files.absentStarter || (files.absentData && script.startsWith('data/'));
  const [evaluation, ...others] = evaluation_paths;
  if (evaluation !== undefined && !isThere(evaluation)) {
    const problem = `${evaluation} is not in the workspace`;
    task.faults.error(['evaluation_paths', 0], problem, 'add the script to starter_code');
  }
  const [baseline] = baseline_paths;
  if (baseline !== undefined && !isThere(baseline)) {
    const say = baseline_scores.length === 0 ? 'error' : 'warning';
    task.faults[say](['baseline_paths', 0], `${baseline} is not in the workspace`, 'add the script to starter_code');
  }
  for (const [index, extra] of others.entries()) {
    task.faults.warning(['evaluation_paths', index + 1], `${extra} is never run`, 'keep the first script only');
  }
}

/**
 * Workspace paths of hidden files, out of the sidecar and of `secret_files`, which may also be paths of the pack.
 * @param report faults of the sidecar; null where none was written
 */
export function hiddenPaths(
  root: string,
  task: ConfigFile<TaskYaml>,
  sidecar: Sidecar,
  report: ConfigFile<Sidecar> | null,
  files: TaskFiles,
): Set<string> {
  const hidden = new Set<string>();
  const all = [...files.starter, ...files.data];
  const hide = (pattern: string, inPack: boolean): boolean => {
    const test = glob(pattern);
    const packPath = (file: TaskFile) => path.relative(root, file.hostPath).split(path.sep).join('/');
    const matches = all.filter((file) => test(file.path) || (inPack && test(packPath(file))));
    for (const file of matches) hidden.add(file.path);
    return matches.length > 0 || files.absentData;
  };
  const remedy = 'add it to starter_code or the dataset, or correct it';
  for (const [index, pattern] of sidecar.hidden_files.entries()) {
    if (!hide(pattern, false))
      report?.faults.error(['hidden_files', index], `${pattern} is not in the workspace`, remedy);
  }
  for (const [index, pattern] of task.value.secret_files.entries()) {
    if (!hide(pattern, true)) task.faults.error(['secret_files', index], `${pattern} is not in the workspace`, remedy);
  }
  return hidden;
}
