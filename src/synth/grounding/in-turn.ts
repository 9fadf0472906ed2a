import { underLock } from '../../files/under-lock.js';

/** The last piece of work of each place and name in this process. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Does a piece of work that only one may do at a time, of this process or another one that shares the directory. Those of this process
 * come one after the other, so that only one of them at a time waits for other processes.
 * @param name of the work: letters, digits, `-` and `_`, at most 60
 * @returns what the work gives; rejects with the signal's reason when it fires first
 */
export async function inTurn<T>(
  { directory, name, signal }: { directory: string; name: string; signal: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const key = `${directory}\n${name}`;
  const own = (queues.get(key) ?? Promise.resolve()).then(() =>
    underLock({ stateDir: directory, name, onWait: () => {}, signal }, work),
  );
  const ended = own.catch(() => {});
  queues.set(key, ended);
  try {
    return await own;
  } finally {
    if (queues.get(key) === ended) queues.delete(key);
  }
}
