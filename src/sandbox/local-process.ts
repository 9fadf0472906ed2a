import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/** Variable in the daemon's environment that says which sandbox a process belongs to; the agent's programs do not get it. */
export const SANDBOX_VARIABLE = 'GYMSMITH_SANDBOX';

const GONE_DEADLINE_MS = 10_000;
const GONE_STEP_MS = 5;

/** Process number of the daemon of a sandbox, as bubblewrap wrote it down; null when it did not, or not yet. */
export async function readDaemonPid(infoFile: string): Promise<number | null> {
  try {
    const info = JSON.parse(await readFile(infoFile, 'utf8')) as { 'child-pid'?: unknown };
    return typeof info['child-pid'] === 'number' ? info['child-pid'] : null;
  } catch {
    return null;
  }
}

/** Whether the process is there, belongs to that sandbox (process numbers come round again) and is not dying. */
export async function isOfSandbox(pid: number, id: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    return environment.split('\0').includes(`${SANDBOX_VARIABLE}=${id}`);
  } catch {
    return false;
  }
}

/** Every process that carries the id of the sandbox. Reads the whole process table: for rare occasions. */
export async function findProcesses(id: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const mine = await Promise.all(pids.map(async (pid) => ((await isOfSandbox(pid, id)) ? pid : null)));
  return mine.filter((pid) => pid !== null);
}

/** Kills a process and waits until it is gone. @returns whether it is */
export async function killAndWait(pid: number, id: string): Promise<boolean> {
  const until = performance.now() + GONE_DEADLINE_MS;
  while (await isOfSandbox(pid, id)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      return true;
    }
    if (performance.now() > until) return false;
    await delay(GONE_STEP_MS);
  }
  return true;
}
