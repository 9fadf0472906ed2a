import { stat } from 'node:fs/promises';
import { type ReadOnlyMount, WORKSPACE } from '../sandbox/sandbox.js';
import { dataMounts } from './data-mounts.js';
import { COPIED_DATA_BYTES } from './limits.js';
import { listFiles } from './pack-paths.js';
import type { Task, TaskFile } from './task.js';

/** How the datasets of a task get into a sandbox: every file copied, or mounted. Hidden files are in neither. */
export interface WorkspaceData {
  files: readonly TaskFile[];
  mounts: readonly ReadOnlyMount[];
  /** Directories of the workspace that hold them and are not mounted themselves. */
  directories: readonly string[];
}

/** A backend makes the directories of a mount as it likes. */
function directoriesOf(mounts: readonly ReadOnlyMount[]): string[] {
  const found = new Set<string>();
  for (const { path } of mounts) {
    const parts = path.slice(WORKSPACE.length + 1).split('/');
    for (let depth = 1; depth < parts.length; depth++) found.add(parts.slice(0, depth).join('/'));
  }
  return [...found].sort();
}

const known = new WeakMap<Task, Promise<WorkspaceData>>();

async function readData(task: Task): Promise<WorkspaceData> {
  const mounts = await dataMounts(task, 'agent');
  const files: TaskFile[] = [];
  let bytes = 0;
  for (const { hostPath, path } of mounts) {
    const at = path.slice(WORKSPACE.length + 1);
    const listed = (await stat(hostPath)).isDirectory()
      ? await listFiles(task.packRoot, hostPath, at)
      : [{ path: at, hostPath, mode: 0o444, sizeBytes: (await stat(hostPath)).size }];
    bytes += listed.reduce((sum, file) => sum + file.sizeBytes, 0);
    if (bytes > COPIED_DATA_BYTES) return { files: [], mounts, directories: directoriesOf(mounts) };
    files.push(...listed);
  }
  return { files, mounts: [], directories: files.length > 0 ? ['data'] : [] };
}

/**
 * Decides, once for a task, how its datasets come into sandboxes: small ones are copied, because any warm sandbox will do then.
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
