import { type AsyncBuffer, asyncBufferFromFile, type FileMetaData, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { HubFeature } from '../../candidate.js';
import { featureOf } from '../feature-words.js';
import { dateText, timestampText } from './iso-time.js';
import { type Row, type RowSource, RowsFault } from './row-source.js';

type RowGroup = FileMetaData['row_groups'][number];

interface OpenFile {
  file: AsyncBuffer;
  metadata: FileMetaData;
  /** Index of its first row among all. */
  start: number;
}

/** Rows of a group are read at once: so much of it, unpacked, and so many cells may come into memory. */
const MAX_GROUP_BYTES = 2 ** 31;
const MAX_GROUP_CELLS = 50_000_000;

/** What a double holds of any decimal number. */
const DECIMAL_DIGITS = 15;

const PARSERS = {
  timestampFromMilliseconds: (value: bigint) => timestampText(value * 1000n),
  timestampFromMicroseconds: (value: bigint) => timestampText(value),
  timestampFromNanoseconds: (value: bigint) => timestampText(value / 1000n),
  dateFromDays: dateText,
};

/**
 * Opens Parquet files of one table.
 * @throws RowsFault when one cannot be read
 */
export async function openParquet(paths: readonly string[]): Promise<RowSource> {
  const files: OpenFile[] = [];
  let count = 0;
  for (const path of paths) {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file).catch((error: Error) => {
      throw new RowsFault(`a file is no Parquet: ${error.message}`);
    });
    files.push({ file, metadata, start: count });
    count += Number(metadata.num_rows);
  }
  const [first] = files;
  return {
    features: first ? featuresOf(first.metadata) : [],
    count,
    rows: (indexes, columns) => rowsOf(files, indexes, columns),
  };
}

async function* rowsOf(
  files: readonly OpenFile[],
  indexes: readonly number[],
  columns: readonly string[],
): AsyncIterable<Row> {
  let next = 0;
  for (const { file, metadata, start } of files) {
    const short = shortColumns(metadata);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const wanted: number[] = [];
      for (let index = indexes[next]; index !== undefined && index < start + rowEnd; index = indexes[++next]) {
        wanted.push(index - start - rowStart);
      }
      if (wanted.length > 0) {
        requireRoom(group, columns);
        const rows = await readGroup({ file, metadata, columns: [...columns], rowStart, rowEnd });
        for (const index of wanted) yield shortened(rows[index] ?? {}, short);
      }
      rowStart = rowEnd;
    }
  }
}

function requireRoom({ columns, num_rows }: RowGroup, wanted: readonly string[]): void {
  const bytes = columns
    .filter(({ meta_data }) => wanted.includes(meta_data?.path_in_schema[0] ?? ''))
    .reduce((sum, { meta_data }) => sum + Number(meta_data?.total_uncompressed_size ?? 0), 0);
  if (bytes > MAX_GROUP_BYTES || Number(num_rows) * wanted.length > MAX_GROUP_CELLS) {
    throw new RowsFault(`a group of ${num_rows} rows takes ${bytes} bytes when it is unpacked, more than can be read`);
  }
}

function readGroup(part: {
  file: AsyncBuffer;
  metadata: FileMetaData;
  columns: string[];
  rowStart: number;
  rowEnd: number;
}): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) => {
    const options = { ...part, rowFormat: 'object' as const, compressors, utf8: false, parsers: PARSERS };
    parquetRead({ ...options, onComplete: resolve }).catch((error: Error) =>
      reject(new RowsFault(`a Parquet file cannot be read: ${error.message}`)),
    );
  });
}

/** Columns whose numbers have fewer digits than the doubles that they are read as show, and how they are shortened. */
function shortColumns({ schema }: FileMetaData): Map<string, (value: number) => number> {
  const columns = new Map<string, (value: number) => number>();
  for (const { name, type, num_children, converted_type } of schema) {
    if (num_children) continue;
    if (type === 'FLOAT') columns.set(name, shortestSingle);
    else if (converted_type === 'DECIMAL') columns.set(name, (value) => Number(value.toPrecision(DECIMAL_DIGITS)));
  }
  return columns;
}

function shortened(row: Record<string, unknown>, columns: ReturnType<typeof shortColumns>): Row {
  for (const [name, shorten] of columns) {
    const value = row[name];
    if (typeof value === 'number' && Number.isFinite(value)) row[name] = shorten(value);
  }
  return row;
}

function shortestSingle(value: number): number {
  for (let digits = 1; digits < 10; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return value;
}

function featuresOf(metadata: FileMetaData): HubFeature[] {
  const told = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value;
  const known = told === undefined ? {} : declaredFeatures(told);
  return topLevel(metadata).map(({ name, type }) => (name in known ? featureOf(name, known[name]) : { name, type }));
}

function declaredFeatures(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as { info?: { features?: Record<string, unknown> } };
    return value.info?.features ?? {};
  } catch {
    return {};
  }
}

function topLevel({ schema }: FileMetaData): { name: string; type: string }[] {
  const columns: { name: string; type: string }[] = [];
  for (let at = 1; at < schema.length; ) {
    const element = schema[at];
    if (!element) break;
    columns.push({ name: element.name, type: element.num_children ? nestedWords(schema, at) : words(element) });
    at = after(schema, at);
  }
  return columns;
}

type Element = FileMetaData['schema'][number];

function after(schema: readonly Element[], at: number): number {
  let next = at + 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child++) next = after(schema, next);
  return next;
}

function nestedWords(schema: readonly Element[], at: number): string {
  const element = schema[at];
  const isList = element?.converted_type === 'LIST' || element?.logical_type?.type === 'LIST';
  if (isList) return 'List';
  const children = schema.slice(at + 1, after(schema, at)).map(({ name }) => name);
  // What the `datasets` library makes of an image or a sound.
  if (children.length === 2 && children.includes('bytes') && children.includes('path')) return 'Image';
  return 'Struct';
}

function words({ type, converted_type, logical_type, repetition_type }: Element): string {
  if (repetition_type === 'REPEATED') return 'List';
  const kind = logical_type?.type ?? converted_type;
  if (kind === 'STRING' || kind === 'UTF8' || kind === 'ENUM') return 'string';
  if (kind === 'DATE') return 'date32';
  if (kind?.startsWith('TIMESTAMP') || type === 'INT96') return 'timestamp';
  if (kind === 'DECIMAL') return 'decimal';
  if (kind === 'JSON') return 'json';
  const plain = { BOOLEAN: 'bool', INT32: 'int32', INT64: 'int64', FLOAT: 'float32', DOUBLE: 'float64' };
  return plain[type as keyof typeof plain] ?? 'binary';
}
