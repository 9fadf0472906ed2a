import type { TokenCounter } from './token-counter.js';

/** Bytes of UTF-8 that one token stands for, in a mix of prose, code and numbers. */
const BYTES_PER_TOKEN = 3.5;

/** Guesses from the size. */
export class EstimatedTokens implements TokenCounter {
  readonly isExact = false;

  count(text: string): number {
    return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
  }
}
