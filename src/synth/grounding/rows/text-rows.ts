import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parse } from 'csv-parse';
import { type Row, type RowSource, RowsFault } from './row-source.js';

/** Rows that types are guessed from. */
const LOOKED_AT = 1000;
const HEAD_BYTES = 65_536;
/** Records of which each has fields of its own are no table. */
const MOST_COLUMNS = 20_000;
/** A cell without end, most often behind a quote that is not closed. */
const MAX_RECORD_CHARACTERS = 64 * 2 ** 20;
/** A JSON document is read as a whole. */
const MAX_DOCUMENT_BYTES = 256 * 2 ** 20;

type Read = () => AsyncIterable<Row>;

/**
 * Opens tables that are texts: CSV, TSV, JSON lines, or a JSON document that is a list of rows.
 * @throws RowsFault when one cannot be read
 */
export async function openText(paths: readonly string[]): Promise<RowSource> {
  const reads: Read[] = [];
  for (const path of paths) reads.push(await reader(path));
  const all = async function* (): AsyncIterable<Row> {
    for (const read of reads) yield* read();
  };
  const columns = new Map<string, Guess>();
  let count = 0;
  for await (const row of all()) {
    if (count++ < LOOKED_AT) look(columns, row);
    if (columns.size > MOST_COLUMNS) throw new RowsFault(`the files have more than ${MOST_COLUMNS} columns`);
  }
  return {
    features: [...columns].map(([name, guess]) => ({ name, type: typeOf(guess) })),
    count,
    rows: (indexes) => chosen(all(), indexes),
  };
}

async function* chosen(rows: AsyncIterable<Row>, indexes: readonly number[]): AsyncIterable<Row> {
  let at = 0;
  let next = 0;
  for await (const row of rows) {
    if (next >= indexes.length) return;
    if (at++ !== indexes[next]) continue;
    next++;
    yield row;
  }
}

async function reader(path: string): Promise<Read> {
  if (/\.(?:csv|tsv)$/i.test(path)) {
    const delimiter = delimiterOf(await firstLine(path));
    return () => csvRows(path, delimiter);
  }
  const head = (await firstLine(path)).trimStart();
  return head.startsWith('[') ? () => documentRows(path) : () => lineRows(path);
}

async function firstLine(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return (buffer
      .toString('utf8', 0, bytesRead)
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)[0] ?? '') as string;
  } finally {
    await file.close();
  }
}

function delimiterOf(header: string): string {
  const counts = [',', ';', '\t', '|'].map((sign) => [header.split(sign).length, sign] as const);
  return counts.reduce((best, entry) => (entry[0] > best[0] ? entry : best))[1];
}

async function* csvRows(path: string, delimiter: string): AsyncIterable<Row> {
  const parser = createReadStream(path).pipe(
    parse({
      delimiter,
      bom: true,
      columns: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: MAX_RECORD_CHARACTERS,
    }),
  );
  try {
    for await (const row of parser) yield row as Row;
  } catch (error) {
    throw new RowsFault(`a file is no CSV: ${(error as Error).message}`);
  }
}

async function* lineRows(path: string): AsyncIterable<Row> {
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    if (line.trim() !== '') yield record(line);
  }
}

async function* documentRows(path: string): AsyncIterable<Row> {
  const file = await open(path);
  try {
    if ((await file.stat()).size > MAX_DOCUMENT_BYTES) throw new RowsFault('a JSON document is too large to be read');
    const rows: unknown = parsed(await file.readFile('utf8'));
    if (!Array.isArray(rows)) throw new RowsFault('a JSON document is no list of rows');
    for (const row of rows) yield asRow(row);
  } finally {
    await file.close();
  }
}

function record(line: string): Row {
  return asRow(parsed(line));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RowsFault(`a file is no JSON: ${(error as Error).message}`);
  }
}

function asRow(value: unknown): Row {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RowsFault('a line of JSON is no record');
  }
  return value as Row;
}

interface Guess {
  isInteger: boolean;
  isNumber: boolean;
  isBoolean: boolean;
  isNested: boolean;
  isSeen: boolean;
}

function look(columns: Map<string, Guess>, row: Row): void {
  for (const [name, value] of Object.entries(row)) {
    const guess = columns.get(name) ?? {
      isInteger: true,
      isNumber: true,
      isBoolean: true,
      isNested: false,
      isSeen: false,
    };
    columns.set(name, guess);
    if (value === null || value === undefined || value === '') continue;
    guess.isSeen = true;
    guess.isNested ||= typeof value === 'object';
    if (guess.isNested) continue;
    const text = String(value);
    guess.isBoolean &&= /^(?:true|false)$/i.test(text);
    guess.isNumber &&= text.trim() !== '' && Number.isFinite(Number(text));
    guess.isInteger &&= /^[+-]?\d+$/.test(text);
  }
}

function typeOf({ isInteger, isNumber, isBoolean, isNested, isSeen }: Guess): string {
  if (isNested) return 'json';
  if (!isSeen) return 'null';
  if (isBoolean) return 'bool';
  if (isInteger && isNumber) return 'int64';
  return isNumber ? 'float64' : 'string';
}
