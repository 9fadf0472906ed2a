import type { KeepBytes } from '../../sandbox/sandbox.js';
import type { KeptOutput } from '../observation/observation.js';

/** Output as it streams in: its first and its last bytes, as the sandbox keeps them for the result. */
export class PartialOutput {
  readonly #keep: KeepBytes;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #end = 0;

  constructor(keep: KeepBytes) {
    this.#keep = keep;
  }

  /**
   * Takes a chunk; one that was lost before it shows as a cut. @param offset position of its first byte in the output
   */
  push(chunk: Uint8Array, offset: number): void {
    let rest = Buffer.from(chunk);
    const lost = offset > this.#end;
    this.#end = offset + rest.length;
    const room = this.#keep.head - this.#headBytes;
    if (!lost && room > 0 && this.#tailBytes === 0) {
      this.#head.push(rest.subarray(0, room));
      this.#headBytes += Math.min(room, rest.length);
      rest = rest.subarray(room);
    }
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    if (this.#tailBytes > 2 * this.#keep.tail) this.#trim();
  }

  /** What is kept so far. */
  kept(): KeptOutput {
    this.#trim();
    const output = Buffer.concat([...this.#head, ...this.#tail]);
    const omittedBytes = this.#end - output.length;
    return { output, omittedBytes, omittedAt: omittedBytes > 0 ? this.#headBytes : null, logPath: null };
  }

  #trim(): void {
    const tail = Buffer.concat(this.#tail);
    const kept = this.#keep.tail === 0 ? tail.subarray(0, 0) : tail.subarray(-this.#keep.tail);
    this.#tail = kept.length > 0 ? [Buffer.from(kept)] : [];
    this.#tailBytes = kept.length;
  }
}
