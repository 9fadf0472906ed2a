import { gzipSync } from 'node:zlib';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { SOFTWARE } from '../../../protocol/index.js';
import type { DatasetRow } from '../dataset-row.js';
import { HashedFile } from './hashed-file.js';
import { PARQUET_COLUMNS, PARQUET_SCHEMA } from './parquet-schema.js';
import type { RowFile } from './row-file.js';

/** A group of rows is held in memory until it is written; readers hold one as well. */
const MOST_GROUP_ROWS = 64;
const MOST_GROUP_CHARACTERS = 8 * 2 ** 20;
/** Every reader knows gzip; it takes less time than Snappy in JavaScript, and leaves a quarter less. */
const CODEC = 'GZIP';
const LEVEL = 3;

/** Columns of 64-bit whole numbers, which the writer takes as such. */
const WHOLE: readonly (keyof DatasetRow)[] = ['tokens', 'loss_tokens', 'valid', 'steps'];

/** Rows as Parquet, a group of them at a time. */
export class ParquetFile implements RowFile {
  readonly #file: HashedFile;
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;
  #group: DatasetRow[] = [];
  #characters = 0;

  constructor(place: string) {
    this.#file = new HashedFile(place);
    this.#writer = new ParquetWriter({
      writer: this.#bytes,
      schema: PARQUET_SCHEMA,
      codec: CODEC,
      compressors: { GZIP: (page) => gzipSync(page, { level: LEVEL }) },
      // Least and greatest of texts tell nobody anything.
      statistics: false,
      createdBy: `${SOFTWARE.name} version ${SOFTWARE.version}`,
    });
  }

  async write(row: DatasetRow): Promise<void> {
    this.#group.push(row);
    this.#characters += row.text.length;
    if (this.#group.length >= MOST_GROUP_ROWS || this.#characters >= MOST_GROUP_CHARACTERS) await this.#writeGroup();
  }

  async finish(): Promise<{ bytes: number; sha256: string }> {
    if (this.#group.length > 0) await this.#writeGroup();
    await this.#writer.finish();
    this.#flush();
    return this.#file.finish();
  }

  discard(): void {
    this.#file.discard();
  }

  async #writeGroup(): Promise<void> {
    const group = this.#group;
    const columnData = (Object.keys(PARQUET_COLUMNS) as (keyof DatasetRow)[]).map((name) => ({
      name,
      data: group.map((row) => stored(row, name)),
    }));
    this.#group = [];
    this.#characters = 0;
    await this.#writer.write({ columnData, rowGroupSize: group.length });
    this.#flush();
  }

  #flush(): void {
    this.#file.write(this.#bytes.getBytes());
    this.#bytes.index = 0;
  }
}

function stored(row: DatasetRow, name: keyof DatasetRow): unknown {
  if (name === 'loss_spans') return row.loss_spans.map((span) => span.map(BigInt));
  if (WHOLE.includes(name)) return BigInt(row[name] as number);
  return row[name];
}
