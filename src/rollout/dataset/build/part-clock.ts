import type { BuildListener, BuildProgress } from './build-listener.js';

/** Enough done that the rest can be told from it. */
const SOME = 3;

/** Tells how far a part of a build is, and how long the rest of it takes at the pace so far. */
export class PartClock {
  readonly #startedMs = performance.now();
  readonly #sums = { done: 0, known: 0, bytes: 0 };

  constructor(
    private readonly listener: BuildListener,
    private readonly part: BuildProgress['part'],
    private readonly of: number,
  ) {
    this.#tell();
  }

  /** @param isKnown whether an earlier build left it */
  add(bytes: number, isKnown: boolean): void {
    const sums = this.#sums;
    sums.done++;
    if (isKnown) sums.known++;
    else sums.bytes += bytes;
    this.#tell();
  }

  #tell(): void {
    this.listener.onProgress?.({ part: this.part, of: this.of, ...this.#sums, secondsLeft: this.#secondsLeft() });
  }

  #secondsLeft(): number | null {
    const { done, known } = this.#sums;
    const own = done - known;
    if (own < SOME) return null;
    return ((performance.now() - this.#startedMs) / 1000 / own) * (this.of - done);
  }
}
