import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** A living process says so every ten seconds. */
const SILENCE_MS = 30_000;

/** @param root directory of the run @returns the number of the process that works on a run, as seen from here; null when none does */
export async function runningProcess(root: string): Promise<number | null> {
  const file = path.join(root, '.lock', 'owners', 'run.json');
  try {
    const { mtimeMs } = await stat(file);
    const { pid } = JSON.parse(await readFile(file, 'utf8')) as { pid: number };
    return Date.now() - mtimeMs < SILENCE_MS && isAlive(pid) && !(await isZombie(pid)) ? pid : null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A process that was killed keeps its number until its parent takes notice. */
async function isZombie(pid: number): Promise<boolean> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return line.slice(line.lastIndexOf(')')).startsWith(') Z');
}
