/** Measures how long work takes, without the waits in which all of it stood in a queue for a sandbox. */
export class WorkClock {
  #waiting = 0;
  #inside = 0;
  /** When it began to stand still; null while it runs. */
  #stoodAtMs: number | null = null;
  #lostMs = 0;

  /** @param nowMs a clock that never goes back */
  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** Milliseconds; only differences mean something. */
  get ms(): number {
    return (this.#stoodAtMs ?? this.nowMs()) - this.#lostMs;
  }

  /** @returns the same queue, whose waits this clock does not count */
  over<Q extends <T>(work: () => Promise<T>) => Promise<T>>(queue: Q): Q {
    const watched = async <T>(work: () => Promise<T>): Promise<T> => {
      let hasBegun = false;
      this.#change(1, 0);
      try {
        return await queue(async () => {
          hasBegun = true;
          this.#change(-1, 1);
          return work();
        });
      } finally {
        if (hasBegun) this.#change(0, -1);
        else this.#change(-1, 0);
      }
    };
    return watched as Q;
  }

  #change(waiting: number, inside: number): void {
    this.#waiting += waiting;
    this.#inside += inside;
    const isStill = this.#waiting > 0 && this.#inside === 0;
    if (isStill === (this.#stoodAtMs !== null)) return;
    const nowMs = this.nowMs();
    if (this.#stoodAtMs !== null) this.#lostMs += nowMs - this.#stoodAtMs;
    this.#stoodAtMs = isStill ? nowMs : null;
  }
}
