import { readdir } from 'node:fs/promises';
import { RunError } from './run-error.js';

/** @param root a directory without `run.json` @throws RunError when it holds something else, which a run would mix with its files */
export async function refuseForeign(root: string): Promise<void> {
  // Both are there when a process was killed while it began.
  const others = (await readdir(root)).filter((name) => name !== '.lock' && name !== 'run.json.tmp');
  if (others.length === 0) return;
  throw new RunError(
    `${root} is no run: it holds ${others.slice(0, 3).join(', ')} and no run.json.`,
    'Name an empty or new directory with --out.',
  );
}
