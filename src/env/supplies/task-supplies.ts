import { RpcError } from '../../protocol/index.js';
import {
  type ReadOnlyMount,
  type Sandbox,
  type SandboxEnvironment,
  SandboxError,
  type SandboxUser,
} from '../../sandbox/sandbox.js';
import type { Task } from '../task.js';
import { hubNeeds } from './hub/hub-need.js';
import { HUB_HOME } from './places.js';

/** A read-only directory and where programs look for it. */
export interface SupplyLink {
  target: string;
  path: string;
  /** `files`: a directory of their own with links to the files, for programs that write beside them. */
  kind: 'directory' | 'files';
}

/** What the sandboxes of a task get from outside its pack. */
export interface TaskSupplies {
  mounts: readonly ReadOnlyMount[];
  environment: SandboxEnvironment;
  links: readonly SupplyLink[];
}

/** Where the supplies of tasks are looked up. */
export interface SupplySource {
  /** @throws RpcError `task_broken` when something was not prepared, naming it and the command that prepares it */
  of(task: Task): Promise<TaskSupplies>;
}

/** For tasks that need nothing. */
export const NO_SUPPLIES: TaskSupplies = { mounts: [], environment: { programs: [], variables: {} }, links: [] };

/** What a task gets where nothing is prepared. */
export const NOTHING_PREPARED: SupplySource = {
  of: async (task) => {
    if (!task.requirements && hubNeeds(task).length === 0) return NO_SUPPLIES;
    throw new RpcError('task_broken', `The task ${task.envId} needs what is not prepared here.`, { task: task.envId });
  },
};

const LAY_OUT_TIMEOUT_MS = 60_000;

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/**
 * Puts the links of supplies into a sandbox, owned by who will use them.
 * @throws SandboxError
 */
export async function layOutSupplies(sandbox: Sandbox, { links }: TaskSupplies, user: SandboxUser): Promise<void> {
  if (links.length === 0) return;
  for (const place of ['hub', 'datasets']) await sandbox.makeDirectory(`${HUB_HOME}/${place}`, 0o755, user);
  const lines = links.map(({ target, path, kind }) =>
    kind === 'directory'
      ? `ln -sfn ${quote(target)} ${quote(path)}`
      : `mkdir -p ${quote(path)} && cp -rsf ${quote(`${target}/.`)} ${quote(path)}`,
  );
  const keepBytes = { head: 0, tail: 4096 };
  const { exitCode, stdout } = await sandbox.exec({
    commandId: 'supplies',
    argv: ['/bin/sh', '-euc', lines.join('\n')],
    cwd: '/',
    user,
    timeoutMs: LAY_OUT_TIMEOUT_MS,
    keepBytes,
    mergeStderr: true,
  });
  if (exitCode === 0) return;
  throw new SandboxError('io_error', `what the task needs could not be laid out: ${new TextDecoder().decode(stdout)}`);
}
