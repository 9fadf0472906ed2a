import { stat } from 'node:fs/promises';
import { type ReadOnlyMount, WORKSPACE } from '../../sandbox/sandbox.js';
import { COPIED_DATA_BYTES } from '../limits.js';
import { listFiles } from '../packs/pack-paths.js';
import type { Task, TaskFile } from '../task.js';
import { dataMounts } from './data-mounts.js';

/** How the datasets of a task get into a sandbox: every file copied, or everything mounted. */
export interface WorkspaceData {
  /** To copy; no hidden file is among them. */
  files: readonly TaskFile[];
  /** What the agent's sandbox mounts; no hidden file is among it. */
  mounts: readonly ReadOnlyMount[];
  /** What the evaluator's sandbox mounts, with the hidden files of the datasets. */
  evaluatorMounts: readonly ReadOnlyMount[];
}

const known = new WeakMap<Task, Promise<WorkspaceData>>();

async function readData(task: Task): Promise<WorkspaceData> {
  const mounts = await dataMounts(task, 'agent');
  // Nothing can be put into what is mounted.
  const mustCopy =
    task.sidecar.evaluation.mode === 'in_place' && task.hiddenFiles.some((file) => file.path.startsWith('data/'));
  const files: TaskFile[] = [];
  let bytes = 0;
  for (const { hostPath, path } of mounts) {
    const at = path.slice(WORKSPACE.length + 1);
    const facts = await stat(hostPath);
    const listed = facts.isDirectory()
      ? await listFiles(task.packRoot, hostPath, at)
      : [{ path: at, hostPath, mode: 0o444, sizeBytes: facts.size }];
    bytes += listed.reduce((sum, file) => sum + file.sizeBytes, 0);
    if (bytes > COPIED_DATA_BYTES && !mustCopy)
      return { files: [], mounts, evaluatorMounts: await dataMounts(task, 'evaluator') };
    files.push(...listed);
  }
  return { files, mounts: [], evaluatorMounts: [] };
}

/**
 * Decides, once for a task, how its datasets come into sandboxes: small ones are copied, because any warm sandbox will
 * do then.
 * @throws RpcError `task_broken` when a dataset is not there
 */
export function workspaceData(task: Task): Promise<WorkspaceData> {
  let data = known.get(task);
  if (!data) {
    data = readData(task);
    data.catch(() => known.delete(task));
    known.set(task, data);
  }
  return data;
}

/** Whether a workspace path lies in what is mounted. */
export function isMounted(path: string, mounts: readonly ReadOnlyMount[]): boolean {
  const full = `${WORKSPACE}/${path}`;
  return mounts.some((mount) => full === mount.path || full.startsWith(`${mount.path}/`));
}
