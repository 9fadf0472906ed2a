import { once } from 'node:events';
import { createGzip, type Gzip } from 'node:zlib';
import type { DatasetRow } from '../dataset-row.js';
import { HashedFile } from './hashed-file.js';
import type { RowFile } from './row-file.js';

/** A higher one takes twice the time for a tenth less. */
const LEVEL = 3;

/** Rows as lines of JSON, compressed with gzip as one member. */
export class JsonLinesFile implements RowFile {
  readonly #file: HashedFile;
  readonly #gzip: Gzip;
  #fault: Error | null = null;

  constructor(place: string) {
    this.#file = new HashedFile(place);
    this.#gzip = createGzip({ level: LEVEL });
    this.#gzip.on('data', (chunk: Buffer) => {
      try {
        this.#file.write(chunk);
      } catch (error) {
        this.#gzip.destroy(error as Error);
      }
    });
    this.#gzip.on('error', (error) => {
      this.#fault = error;
    });
  }

  async write(row: DatasetRow): Promise<void> {
    if (this.#fault) throw this.#fault;
    if (!this.#gzip.write(`${JSON.stringify(row)}\n`)) await once(this.#gzip, 'drain');
  }

  async finish(): Promise<{ bytes: number; sha256: string }> {
    if (this.#fault) throw this.#fault;
    this.#gzip.end();
    await once(this.#gzip, 'end');
    return this.#file.finish();
  }

  discard(): void {
    this.#gzip.destroy();
    this.#file.discard();
  }
}
