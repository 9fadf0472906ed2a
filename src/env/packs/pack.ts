import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { ENV_ID } from '../task.js';
import { FaultLog } from './fault-log.js';
import { FileHashes } from './file-hashes.js';
import { loadTask } from './load-task.js';
import type { PackFault } from './pack-fault.js';
import type { PackTask } from './pack-task.js';

/** What is in a pack: tasks that can be served, and what is wrong with it. */
export interface Pack {
  /** Real path. */
  root: string;
  namespace: string;
  tasks: PackTask[];
  faults: PackFault[];
}

async function isDirectory(target: string): Promise<boolean> {
  return stat(target).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function slug(name: string): string {
  return (
    name
      .normalize('NFKD')
      .replace(/[^\w-]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .toLowerCase() || 'pack'
  );
}

async function namesIn(directory: string, ending: RegExp): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return names.filter((name) => ending.test(name) && !name.startsWith('.')).sort();
}

/** The env id that a sidecar claims, whatever else is wrong with it, so that faults are found by it. */
async function namedEnvId(sidecar: string): Promise<string | null> {
  const text = await readFile(sidecar, 'utf8').catch(() => '');
  const [, id] = /"env_id"\s*:\s*"([^"\\]{1,200})"/.exec(text) ?? [];
  return id !== undefined && ENV_ID.test(id) ? id : null;
}

/**
 * Reads a pack: a directory with MLGym's layout (`configs/tasks`, `configs/datasets`, `data`) and sidecars in `gymsmith`, or a plain
 * checkout of MLGym. A faulty task is reported and left out; the others load.
 * @param hashes remembers hashes of files from one load to the next
 * @returns always, whatever the files are like
 */
export async function loadPack(root: string, hashes: FileHashes = FileHashes.inMemory()): Promise<Pack> {
  const faults: PackFault[] = [];
  const place = await realpath(root).catch(() => path.resolve(root));
  const isMlgym = (await isDirectory(path.join(place, 'mlgym'))) && (await isDirectory(path.join(place, 'configs')));
  const namespace = isMlgym ? 'mlgym' : slug(path.basename(place));
  const pack: Pack = { root: place, namespace, tasks: [], faults };
  const whole = new FaultLog(faults, { packRoot: place, file: 'configs/tasks', envId: null }, null);
  if (!(await isDirectory(path.join(place, 'configs', 'tasks')))) {
    whole.error(
      [],
      `is missing: ${place} is no task pack`,
      'name a directory that holds configs/tasks, configs/datasets and data',
    );
    return pack;
  }
  const configs = await namesIn(path.join(place, 'configs', 'tasks'), /\.ya?ml$/);
  const sidecars = new Set(await namesIn(path.join(place, 'gymsmith'), /\.json$/));
  if (configs.length === 0) whole.warning([], 'holds no task', 'add a file such as my-task.yaml');
  const byStem = new Map<string, string>();
  const byEnvId = new Map<string, PackTask>();
  const byId = new Map<string, PackTask>();
  for (const name of configs) {
    const stem = name.replace(/\.ya?ml$/, '');
    const configFile = `configs/tasks/${name}`;
    const sidecarFile = sidecars.delete(`${stem}.json`) ? `gymsmith/${stem}.json` : null;
    const named = sidecarFile && (await namedEnvId(path.join(place, sidecarFile)));
    const defaultEnvId = named || `${namespace}/${slug(stem) === stem.toLowerCase() ? stem : slug(stem)}-v0`;
    const about = new FaultLog(faults, { packRoot: place, file: configFile, envId: defaultEnvId }, null);
    const twin = byStem.get(stem);
    if (twin) {
      about.error([], `has the same name as configs/tasks/${twin}`, 'remove one of the two');
      continue;
    }
    byStem.set(stem, name);
    const source = { root: place, stem, configFile, sidecarFile, defaultEnvId, isMlgym, hashes, sink: faults };
    const task = await loadTask(source).catch((error: NodeJS.ErrnoException) => {
      // One unreadable file must not hide the other tasks.
      if (error.code === undefined) throw error;
      about.error([], `a file of the task cannot be read: ${error.message}`, 'give this user the right to read it');
      return null;
    });
    if (!task) continue;
    const same = byEnvId.get(task.envId);
    if (same) {
      const file = sidecarFile ?? configFile;
      const log = new FaultLog(faults, { packRoot: place, file, envId: task.envId }, null);
      log.error(['env_id'], `${task.envId} is taken by ${same.configFile}`, 'give every task its own env_id');
      continue;
    }
    const alike = byId.get(task.id);
    if (alike) {
      const problem = `${task.id} is also the id of ${alike.configFile}; both are served, by the names of their files`;
      about.warning(['id'], problem, 'give every task its own id: trajectories are filed by it');
    }
    byId.set(task.id, alike ?? task);
    byEnvId.set(task.envId, task);
    pack.tasks.push(task);
  }
  for (const orphan of sidecars) {
    const log = new FaultLog(faults, { packRoot: place, file: `gymsmith/${orphan}`, envId: null }, null);
    log.error(
      [],
      `belongs to no task: there is no configs/tasks/${orphan.replace(/json$/, 'yaml')}`,
      'rename or remove it',
    );
  }
  return pack;
}
