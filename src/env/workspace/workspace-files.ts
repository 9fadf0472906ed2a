import { readFile } from 'node:fs/promises';
import { RpcError } from '../../protocol/index.js';
import { type PutFile, SandboxError, type SandboxUser, WORKSPACE } from '../../sandbox/sandbox.js';
import type { Task, TaskFile } from '../task.js';

/** Who owns what is shown to the agent and is not its to change. */
export type Keeper = 'root' | 'agent';

const EXECUTABLE = 0o111;

/** Why a file of a pack cannot be read, when that is the pack's fault. */
const TASKS_FAULT: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'ENAMETOOLONG',
]);

async function put(task: Task, file: TaskFile, mode: number, user: SandboxUser): Promise<PutFile> {
  const contents = await readFile(file.hostPath).catch((error: NodeJS.ErrnoException) => {
    const what = `A file of ${task.envId} cannot be read: ${error.message}`;
    // Too many open files, or no memory: nothing is wrong with the task.
    if (!TASKS_FAULT.has(error.code ?? '')) throw new SandboxError('unavailable', what, { cause: error });
    throw new RpcError('task_broken', what, { path: file.path });
  });
  return { path: `${WORKSPACE}/${file.path}`, contents, mode, user };
}

/**
 * The starter files as the agent gets them: its own, but for the evaluator's script, which nobody may write to.
 * @param keeper owner of that script; the agent could still replace what is its own
 */
export function agentFiles(task: Task, keeper: Keeper = 'root'): Promise<PutFile[]> {
  return Promise.all(
    task.starterFiles.map((file) => {
      const locked = file.path === task.evaluationPath && task.evaluationReadOnly;
      return locked ? put(task, file, 0o555, keeper) : put(task, file, file.mode, 'agent');
    }),
  );
}

/** Files of a dataset, which nobody may write to. */
export function dataFiles(task: Task, files: readonly TaskFile[], keeper: Keeper = 'root'): Promise<PutFile[]> {
  return Promise.all(files.map((file) => put(task, file, 0o555, keeper)));
}

/** Starter files as the evaluator gets them: readable, and root's. */
export function pristineFiles(task: Task, files: readonly TaskFile[]): Promise<PutFile[]> {
  return Promise.all(files.map((file) => put(task, file, 0o444 | (file.mode & EXECUTABLE), 'root')));
}

/** Hidden files: only whoever runs the evaluator may read them, so that code which it starts as another user cannot. */
export function hiddenFiles(task: Task, files = task.hiddenFiles): Promise<PutFile[]> {
  const user = task.sidecar.evaluation.run_as;
  return Promise.all(files.map((file) => put(task, file, 0o400 | (file.mode & 0o100), user)));
}
