/** A waiter that so many later ones went past goes first, whatever its urgency. */
const MOST_OVERTAKEN = 64;

/** Who wants to go through: compared place by place, the lower number first. */
export type Urgency = readonly number[];

interface Waiter {
  urgency: () => Urgency;
  overtaken: number;
  take: () => void;
}

/**
 * At most so many at once, the most urgent first, and the longest waiting among equals. Nobody waits for ever: who was overtaken often
 * enough is next.
 */
export class Turnstile {
  /** In the order of arrival. */
  readonly #waiting: Waiter[] = [];
  #inside = 0;

  constructor(readonly places: number) {}

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Runs the work when its turn has come.
   * @param urgency asked whenever a place is given away
   * @throws the reason of the signal when it fires before that
   */
  async use<T>(work: () => Promise<T>, urgency: () => Urgency, signal?: AbortSignal): Promise<T> {
    await this.#enter(urgency, signal);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(urgency: () => Urgency, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#inside < this.places) {
      this.#inside++;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const take = (): void => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const waiter: Waiter = { urgency, overtaken: 0, take };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiting.push(waiter);
    });
  }

  #leave(): void {
    const [oldest] = this.#waiting;
    if (oldest === undefined) {
      this.#inside--;
      return;
    }
    let next = oldest;
    if (oldest.overtaken < MOST_OVERTAKEN) {
      let best = oldest.urgency();
      for (const waiter of this.#waiting) {
        const urgency = waiter.urgency();
        if (isBefore(urgency, best)) [next, best] = [waiter, urgency];
      }
    }
    const at = this.#waiting.indexOf(next);
    for (const waiter of this.#waiting.slice(0, at)) waiter.overtaken++;
    this.#waiting.splice(at, 1);
    next.take();
  }
}

function isBefore(a: Urgency, b: Urgency): boolean {
  for (let at = 0; at < Math.min(a.length, b.length); at++) {
    const [left = 0, right = 0] = [a[at], b[at]];
    if (left !== right) return left < right;
  }
  return false;
}
