import { setImmediate } from 'node:timers/promises';
import type { RetryClock } from '../agent/models/retry-policy.js';

interface Timer {
  atMs: number;
  fire: () => void;
}

/** Time that passes as fast as it can: from one timer to the next, as soon as nothing more happens without one. */
export class VirtualClock implements RetryClock {
  readonly #timers = new Set<Timer>();
  #nowMs = 0;
  #seed: number;

  /**
   * @param seed of its chance
   * @param isBusy while it says so time stands: something happens that takes real time, such as files being written
   */
  constructor(
    seed = 1,
    private readonly isBusy: () => boolean = () => false,
  ) {
    this.#seed = seed;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Mulberry32. */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#timers.delete(timer);
        reject(signal?.reason);
      };
      const timer: Timer = {
        atMs: this.#nowMs + Math.max(0, ms),
        fire: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#timers.add(timer);
    });
  }

  /** Lets time pass until the work is done, or nothing more will happen. @returns what the work gives */
  async run<T>(work: Promise<T>, untilMs = Number.POSITIVE_INFINITY): Promise<T> {
    let isDone = false;
    const end = (): void => {
      isDone = true;
    };
    work.then(end, end);
    for (;;) {
      // Whatever follows from the last timer without another one happens first.
      await setImmediate();
      if (isDone) return work;
      if (this.isBusy()) continue;
      const next = [...this.#timers].reduce<Timer | null>(
        (least, timer) => (least === null || timer.atMs < least.atMs ? timer : least),
        null,
      );
      if (next === null) throw new Error(`nothing more happens after ${this.#nowMs} ms`);
      if (next.atMs > untilMs) throw new Error(`not done after ${untilMs} ms`);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#timers.delete(next);
      next.fire();
    }
  }
}
