import { chmod, copyFile, mkdir, mkdtemp, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { storageFault } from '../../files/storage-fault.js';
import { writeYaml } from '../../yaml/yaml.js';
import { Sidecar } from '../task.js';
import { DatasetYaml } from './dataset-yaml.js';
import { FileHashes } from './file-hashes.js';
import { loadTask } from './load-task.js';
import { PackError } from './pack-error.js';
import type { PackFault } from './pack-fault.js';
import type { PackTask } from './pack-task.js';
import type { DraftFile, TaskDraft } from './task-draft.js';
import { TaskYaml } from './task-yaml.js';

const STAGING = '.staging-';

function safePath(file: DraftFile): string {
  const { path: name } = file;
  const parts = name.split('/');
  if (name.includes('\0') || parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new PackError(`${JSON.stringify(name)} is no path in a workspace: write it as src/model.py`);
  }
  return path.join(...parts);
}

async function put(directory: string, file: DraftFile): Promise<void> {
  const target = path.join(directory, safePath(file));
  await mkdir(path.dirname(target), { recursive: true });
  if ('contents' in file) await writeFile(target, file.contents, { flag: 'wx' });
  else await copyFile(file.hostPath, target);
  await chmod(target, ((file.mode ?? 0o644) & 0o100) === 0 ? 0o644 : 0o755);
}

/** Leaves out what is empty, as MLGym does when it writes a file. */
function withoutEmpty(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).filter(
      ([, item]) => item !== null && item !== undefined && !(Array.isArray(item) && item.length === 0),
    ),
  );
}

/** Writes everything below `at` and returns the paths to move, the task file last. */
async function stage(at: string, draft: TaskDraft): Promise<string[]> {
  const { id } = draft.config;
  const home = `data/${id}`;
  const moves = [home];
  await mkdir(path.join(at, home), { recursive: true });
  for (const file of draft.files) await put(path.join(at, home), file);
  const top = [...new Set(draft.files.map((file) => file.path.split('/')[0] ?? ''))];

  const datasets: string[] = [];
  await mkdir(path.join(at, 'configs/datasets'), { recursive: true });
  let locals = 0;
  for (const [index, { files, ...dataset }] of draft.datasets.entries()) {
    let { data_path } = dataset;
    if (files !== null) {
      // MLGym names every dataset but the first in the workspace by the base name of its directory.
      data_path = locals++ === 0 ? `${home}/data` : `data/${id}.datasets/${index}/${path.basename(dataset.data_path)}`;
      await mkdir(path.join(at, data_path), { recursive: true });
      for (const file of files) await put(path.join(at, data_path), file);
      if (locals === 2) moves.push(`data/${id}.datasets`);
    }
    const name = `datasets/${id}${index === 0 ? '' : `-${index + 1}`}.yaml`;
    const parsed = DatasetYaml.parse({ ...dataset, data_path, is_local: files !== null });
    await writeFile(path.join(at, 'configs', name), writeYaml(withoutEmpty(parsed)));
    datasets.push(name);
    moves.push(`configs/${name}`);
  }

  let requirementsPath: string | null = null;
  if (draft.requirements) {
    requirementsPath = top.includes('requirements.txt') ? `data/${id}.requirements.txt` : `${home}/requirements.txt`;
    await put(at, { ...draft.requirements, path: requirementsPath });
    if (!requirementsPath.startsWith(`${home}/`)) moves.push(requirementsPath);
  }
  const sample = draft.config.sample_submission;
  const task = TaskYaml.parse({
    ...draft.config,
    dataset_configs: datasets,
    starter_code: top.map((name) => `${home}/${name}`),
    requirements_path: requirementsPath,
    sample_submission: sample ? `${home}/${sample}` : null,
  });
  const ordered = Object.fromEntries(Object.keys(TaskYaml.shape).map((key) => [key, task[key as keyof TaskYaml]]));
  await mkdir(path.join(at, 'configs/tasks'), { recursive: true });
  await mkdir(path.join(at, 'gymsmith'), { recursive: true });
  await writeFile(path.join(at, 'configs/tasks', `${id}.yaml`), writeYaml(withoutEmpty(ordered)));
  const sidecar = { ...Sidecar.parse(draft.sidecar), content_hash: null };
  await writeFile(path.join(at, 'gymsmith', `${id}.json`), `${JSON.stringify(sidecar, null, 2)}\n`);
  return [...moves, `gymsmith/${id}.json`, `configs/tasks/${id}.yaml`];
}

async function load(
  root: string,
  id: string,
  hashes: FileHashes,
): Promise<{ task: PackTask | null; faults: PackFault[] }> {
  const sink: PackFault[] = [];
  const task = await loadTask({
    root,
    stem: id,
    configFile: `configs/tasks/${id}.yaml`,
    sidecarFile: `gymsmith/${id}.json`,
    defaultEnvId: `pack/${id}-v0`,
    isMlgym: false,
    hashes,
    sink,
  });
  return { task, faults: sink };
}

async function exists(target: string): Promise<boolean> {
  return stat(target).then(
    () => true,
    () => false,
  );
}

/** Every path that a task of this id may take up, but for its configuration. */
async function places(root: string, id: string): Promise<string[]> {
  const datasets = await readdir(path.join(root, 'configs/datasets')).catch(() => [] as string[]);
  const tasks = new Set(await readdir(path.join(root, 'configs/tasks')).catch(() => [] as string[]));
  // `pears-2.yaml` is the second dataset of `pears`, or the first of `pears-2`.
  const own = datasets.filter(
    (name) =>
      name === `${id}.yaml` || (name.replace(/-\d+\.yaml$/, '') === id && name.endsWith('.yaml') && !tasks.has(name)),
  );
  return [
    `data/${id}`,
    `data/${id}.datasets`,
    `data/${id}.requirements.txt`,
    `gymsmith/${id}.json`,
    ...own.map((name) => `configs/datasets/${name}`),
  ];
}

/** What killed writers of a task left. */
async function staged(root: string, id: string): Promise<string[]> {
  const names = await readdir(root);
  return names.filter(
    (name) => name.startsWith(`${STAGING}${id}-`) && !name.slice(STAGING.length + id.length + 1).includes('-'),
  );
}

/** Removes what a killed writer of the same task left, and refuses to touch anything else. */
async function clear(root: string, id: string): Promise<void> {
  const stale = await staged(root, id);
  for (const place of await places(root, id)) {
    const target = path.join(root, place);
    if (!(await exists(target))) continue;
    if (stale.length === 0)
      throw new PackError(`The pack ${root} holds ${place} without a task ${id}: remove it or choose another id`);
    await rm(target, { recursive: true, force: true });
  }
  for (const name of stale) await rm(path.join(root, name), { recursive: true, force: true });
}

/**
 * Removes a task from a pack, and what a killed writer or remover of it left. Nothing happens when there is none.
 * @param id of its configuration
 */
export async function removeTask(root: string, id: string): Promise<void> {
  const place = await realpath(root).catch(() => null);
  if (place === null) return;
  await rm(path.join(place, 'configs/tasks', `${id}.yaml`), { force: true });
  for (const part of await places(place, id)) await rm(path.join(place, part), { recursive: true, force: true });
  for (const name of await staged(place, id)) await rm(path.join(place, name), { recursive: true, force: true });
}

/**
 * Writes a task into a pack, in MLGym's layout with a sidecar. The task is there completely or not at all: it is written aside,
 * loaded for a test, and moved in with its configuration last. One writer at a time for each id.
 * @param root the pack, made when it is not there
 * @param options `publish`: the content hash is kept in the sidecar, so that a later change is noticed
 * @returns the task as it is loaded from the pack
 * @throws PackError when the id is taken or the task would not load, StorageFault when the disk does not take it; nothing is left behind
 */
export async function writeTask(
  root: string,
  draft: TaskDraft,
  options: { publish?: boolean } = {},
): Promise<PackTask> {
  const { id } = draft.config;
  const named = TaskYaml.shape.id.safeParse(id);
  if (!named.success) throw new PackError(`The id ${JSON.stringify(id)} ${named.error.issues[0]?.message}`);
  await mkdir(root, { recursive: true });
  const place = await realpath(root);
  if (await exists(path.join(place, 'configs/tasks', `${id}.yaml`))) {
    throw new PackError(`The pack ${root} has a task ${id} already: a changed task is a new version with its own id`);
  }
  await clear(place, id);
  const at = await mkdtemp(path.join(place, `${STAGING}${id}-`));
  try {
    const moves = await stage(at, draft);
    const hashes = FileHashes.inMemory();
    const { task, faults } = await load(at, id, hashes);
    if (!task) throw new PackError(`The task ${id} would not load:`, faults);
    if (options.publish) {
      const sidecar = { ...task.sidecar, content_hash: task.contentHash };
      await writeFile(path.join(at, 'gymsmith', `${id}.json`), `${JSON.stringify(sidecar, null, 2)}\n`);
    }
    for (const move of moves) {
      await mkdir(path.dirname(path.join(place, move)), { recursive: true });
      await rename(path.join(at, move), path.join(place, move));
    }
    const moved = await load(place, id, hashes);
    if (!moved.task) throw new PackError(`The task ${id} does not load from ${root}:`, moved.faults);
    return moved.task;
  } catch (error) {
    if (error instanceof PackError || !(error instanceof Error)) throw error;
    throw storageFault(error, place) ?? new PackError(`The task ${id} could not be written: ${error.message}`);
  } finally {
    await rm(at, { recursive: true, force: true });
  }
}
