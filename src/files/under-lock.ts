import { setTimeout as delay } from 'node:timers/promises';
import { Owners } from './owners.js';

const LOOK_AGAIN_MS = 500;

/**
 * Does a piece of work that only one process of this machine may do at a time. The lock of a process that died counts for nothing.
 * @param stateDir directory that the processes share
 * @param name of the work: letters, digits, `-` and `_`, at most 60
 * @param onWait called once when another process is at it
 * @returns what the work gives; rejects with the signal's reason when it fires first
 */
export async function underLock<T>(
  { stateDir, name, onWait, signal }: { stateDir: string; name: string; onWait: () => void; signal?: AbortSignal },
  work: () => Promise<T>,
): Promise<T> {
  const owners = new Owners(stateDir);
  for (let tries = 0; ; tries++) {
    signal?.throwIfAborted();
    const owner = await owners.claim(name);
    // While another process holds the name, a claim gives one with a number.
    const isHeld = owner.id.endsWith(`.${name}`);
    try {
      if (isHeld) return await work();
    } finally {
      await owner.release();
    }
    if (tries === 0) onWait();
    await delay(LOOK_AGAIN_MS, undefined, { signal });
  }
}
