import { createHash } from 'node:crypto';

/** A stream of numbers that follows from a text: the same on every machine, and not to be guessed without the text. */
export class Chance {
  #block = Buffer.alloc(0);
  #used = 0;
  #turn = 0;

  constructor(private readonly text: string) {}

  /** @returns an integer from 0 up to, not including, `below` (at most 2^48) */
  below(below: number): number {
    const limit = 2 ** 48 - (2 ** 48 % below);
    for (;;) {
      const value = this.#next();
      if (value < limit) return value % below;
    }
  }

  /** @returns a copy in another order */
  shuffled<T>(items: readonly T[]): T[] {
    const all = [...items];
    for (let last = all.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      const kept = all[last] as T;
      all[last] = all[other] as T;
      all[other] = kept;
    }
    return all;
  }

  /** @returns `count` different integers below `total`, in ascending order */
  sample(count: number, total: number): number[] {
    const taken = new Set<number>();
    // Floyd's algorithm: each subset is equally likely, and only what is taken is held.
    for (let upper = total - count; upper < total; upper++) {
      const number = this.below(upper + 1);
      taken.add(taken.has(number) ? upper : number);
    }
    return [...taken].sort((a, b) => a - b);
  }

  #next(): number {
    if (this.#used + 6 > this.#block.length) {
      this.#block = createHash('sha256')
        .update(`${this.text}\n${this.#turn++}`)
        .digest();
      this.#used = 0;
    }
    const value = this.#block.readUIntBE(this.#used, 6);
    this.#used += 6;
    return value;
  }
}
