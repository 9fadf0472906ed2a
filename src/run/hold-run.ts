import path from 'node:path';
import { makeDirectories } from '../files/make-directories.js';
import { underLock } from '../files/under-lock.js';
import { RunError } from './run-error.js';

/**
 * Does work that only one process may do on a run.
 * @param root directory of the run; made when it is missing
 * @param status command that shows how far another process is
 * @throws RunError when another process has it, or the directory cannot be made
 */
export async function holdingRun<T>(root: string, status: string, work: () => Promise<T>): Promise<T> {
  await makeDirectories(root).catch((error: Error) => {
    throw new RunError(`${root} cannot be made: ${error.message}`, 'Name another directory with --out.');
  });
  const onWait = () => {
    throw new RunError(`Another process works on ${root}.`, `Wait for it or stop it; ${status} shows how far it is.`);
  };
  return underLock({ stateDir: path.join(root, '.lock'), name: 'run', onWait }, work);
}
