import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/** A file that is written from its begin to its end, hashed on the way, and is there whole or not at all. */
export class HashedFile {
  readonly #hash = createHash('sha256');
  readonly #file: number;
  #bytes = 0;

  /** Writes beside the place, over what an earlier process left there. */
  constructor(private readonly place: string) {
    this.#file = openSync(this.#part, 'w');
  }

  get #part(): string {
    return `${this.place}.part`;
  }

  write(chunk: Uint8Array): void {
    try {
      for (let at = 0; at < chunk.length; ) at += writeSync(this.#file, chunk, at);
    } catch (error) {
      // A write does not say of which file.
      (error as NodeJS.ErrnoException).path ??= this.place;
      throw error;
    }
    this.#hash.update(chunk);
    this.#bytes += chunk.length;
  }

  /** Puts the file at its place. */
  finish(): { bytes: number; sha256: string } {
    fsyncSync(this.#file);
    closeSync(this.#file);
    renameSync(this.#part, this.place);
    return { bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  /** Leaves nothing. */
  discard(): void {
    closeSync(this.#file);
    rmSync(this.#part, { force: true });
  }
}
