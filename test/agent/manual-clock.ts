import type { RetryClock } from '../../src/agent/models/retry-policy.js';

/** Time that passes only by waiting, and chance that is chosen. */
export class ManualClock implements RetryClock {
  /** Every wait that was asked for, milliseconds. */
  readonly waits: number[] = [];
  #nowMs = 0;

  /** @param chance what `random` says */
  constructor(private readonly chance = 0.5) {}

  now(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.waits.push(ms);
    this.#nowMs += ms;
  }

  random(): number {
    return this.chance;
  }
}
