import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const GONE_DEADLINE_MS = 10_000;
const GONE_STEP_MS = 2;

/**
 * Options of the interpreter that name the sandbox on the daemon's command line, which bubblewrap's repeats: process
 * numbers come round again, and a command line is readable where an environment is not.
 */
export function markOfSandbox(id: string): string[] {
  return ['-X', markArgument(id)];
}

function markArgument(id: string): string {
  return `gymsmith=${id}`;
}

/**
 * Process number of the daemon of a sandbox, as bubblewrap wrote it down; null when it did not, or not yet.
 * @throws Error when that cannot be told now
 */
export async function readDaemonPid(infoFile: string): Promise<number | null> {
  const text = await readIfThere(infoFile);
  try {
    const info = JSON.parse(text ?? 'null') as { 'child-pid'?: unknown } | null;
    return typeof info?.['child-pid'] === 'number' ? info['child-pid'] : null;
  } catch {
    return null;
  }
}

/**
 * Whether the process is there, belongs to that sandbox and is not dying.
 * @throws Error when that cannot be told now
 */
export async function isOfSandbox(pid: number, id: string): Promise<boolean> {
  const commandLine = (await readIfThere(`/proc/${pid}/cmdline`)) ?? '';
  return commandLine.split('\0').includes(markArgument(id));
}

/** Processes of this machine that carry the id of the sandbox. Reads the whole process table: for rare occasions. */
export async function findProcesses(id: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const mine = await Promise.all(pids.map(async (pid) => ((await isOfSandbox(pid, id)) ? pid : null)));
  return mine.filter((pid) => pid !== null);
}

/**
 * Kills the daemon of a sandbox, and with it all processes there, and waits until they are gone, bubblewrap's own too.
 * @returns whether they are
 * @throws Error when that cannot be told now
 */
export async function killDaemon(pid: number, id: string): Promise<boolean> {
  if (!(await isOfSandbox(pid, id))) return true;
  const parent = (await readStat(pid))?.parent;
  if (!kill(pid)) return true;
  const until = performance.now() + GONE_DEADLINE_MS;
  while (await isRunning(pid)) {
    if (performance.now() > until) return false;
    await delay(GONE_STEP_MS);
  }
  while (parent !== undefined && (await isOfSandbox(parent, id))) {
    if (performance.now() > until) return kill(parent);
    await delay(GONE_STEP_MS);
  }
  return true;
}

/**
 * Kills what is found until nothing is found any more: a process may be born between a look and the kill of its parent, and nobody
 * else would ever end it.
 * @param find the processes that live now
 * @returns whether none is left
 */
export async function killAll(find: () => Promise<readonly number[]>): Promise<boolean> {
  const until = performance.now() + GONE_DEADLINE_MS;
  for (let left = await find(); left.length > 0; left = await find()) {
    if (performance.now() > until) return false;
    for (const pid of left) kill(pid);
    await delay(GONE_STEP_MS);
  }
  return true;
}

/** Kills a process. @returns whether there was one that could be killed */
function kill(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}

/**
 * @returns null when there is no such file or process
 * @throws Error for every other reason, such as too many open files: it says nothing about what is there
 */
async function readIfThere(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

async function isRunning(pid: number): Promise<boolean> {
  const stat = await readStat(pid);
  return stat !== null && stat.state !== 'Z' && stat.state !== 'X';
}

async function readStat(pid: number): Promise<{ state: string; parent: number } | null> {
  const text = await readIfThere(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The name, in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0]!, parent: Number(fields[1]) };
}
