import { type ReadOnlyMount, type Sandbox, SandboxError, type SandboxUser } from '../../sandbox/sandbox.js';
import type { Task } from '../task.js';
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
  /** Directories of programs that come before those of the image. */
  programs: readonly string[];
  /** Variables of every program of the task. */
  env: Readonly<Record<string, string>>;
  links: readonly SupplyLink[];
}

/** Where the supplies of tasks are looked up. */
export interface SupplySource {
  /** @throws RpcError `task_broken` when something was not prepared, naming it and the command that prepares it */
  of(task: Task): Promise<TaskSupplies>;
}

/** For tasks that need nothing. */
export const NO_SUPPLIES: TaskSupplies = { mounts: [], programs: [], env: {}, links: [] };

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

/** Shell text after which programs find the supplies; empty when there is nothing to say. */
export function supplyExports({ programs, env }: TaskSupplies): string {
  const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quote(value)}`);
  const path = programs.length > 0 ? [`export PATH=${programs.map(quote).join(':')}:"$PATH"`] : [];
  return [...variables, ...path].join('; ');
}

/** The same command, run where it finds the supplies. */
export function withSupplies<T extends { argv: readonly string[]; env: Readonly<Record<string, string>> }>(
  command: T,
  { programs, env }: TaskSupplies,
): T {
  const all = { ...command, env: { ...env, ...command.env } };
  if (programs.length === 0) return all;
  // The directories of the image are known inside only.
  const script = `PATH=${programs.map(quote).join(':')}:$PATH exec "$@"`;
  return { ...all, argv: ['/bin/sh', '-c', script, 'sh', ...command.argv] };
}
