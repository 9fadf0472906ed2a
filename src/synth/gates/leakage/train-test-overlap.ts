import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Candidate, DataFile } from '../../candidate.js';
import { dataFile } from '../tables/answers.js';
import { rowsOf } from '../tables/table.js';

/**
 * How many test rows have the inputs of a training row: all columns that both tables have but the id, compared without case and spaces;
 * of a cell that names a file of the data the contents count.
 */
export async function overlapOf(candidate: Candidate): Promise<{ share: number; rows: number }> {
  const [train, test] = [dataFile(candidate, 'data/train.csv'), dataFile(candidate, 'data/test.csv')];
  if (train === null || test === null) return { share: 0, rows: 0 };
  const columns = await Promise.all([headerOf(train), headerOf(test)]);
  const inputs = columns[1].filter((name) => name !== 'id' && columns[0].includes(name));
  if (inputs.length === 0) return { share: 0, rows: 0 };
  const prints = new FilePrints(candidate.grounding?.files ?? []);
  const seen = new Set<string>();
  for await (const hash of hashesOf(train, inputs, prints)) seen.add(hash);
  let [rows, all] = [0, 0];
  for await (const hash of hashesOf(test, inputs, prints)) {
    all++;
    if (seen.has(hash)) rows++;
  }
  return { share: all === 0 ? 0 : rows / all, rows };
}

async function headerOf(file: string): Promise<string[]> {
  for await (const row of rowsOf(file)) return row;
  return [];
}

async function* hashesOf(file: string, inputs: readonly string[], prints: FilePrints): AsyncGenerator<string> {
  let places: number[] | null = null;
  for await (const row of rowsOf(file)) {
    if (places === null) {
      places = inputs.map((name) => row.indexOf(name));
      continue;
    }
    const cells = await Promise.all(places.map((at) => prints.of(row[at] ?? '')));
    yield createHash('sha256').update(JSON.stringify(cells)).digest('base64');
  }
}

/** What stands for a cell: its text, or what lies in the file that it names. */
class FilePrints {
  readonly #files: ReadonlyMap<string, DataFile>;
  readonly #known = new Map<string, Promise<string>>();
  #sizes: Promise<ReadonlyMap<number, number>> | null = null;

  constructor(files: readonly DataFile[]) {
    this.#files = new Map(files.filter((file) => !file.is_hidden).map((file) => [file.path, file]));
  }

  of(cell: string): Promise<string> {
    const file = this.#files.get(cell) ?? this.#files.get(`data/${cell}`);
    if (!file) return Promise.resolve(cell.trim().toLowerCase().replace(/\s+/g, ' '));
    let print = this.#known.get(file.path);
    if (!print) {
      print = this.#print(file);
      this.#known.set(file.path, print);
    }
    return print;
  }

  /** A file that is alone with its size need not be read. */
  async #print(file: DataFile): Promise<string> {
    this.#sizes ??= this.#count();
    const { size } = await stat(file.host_path);
    if (((await this.#sizes).get(size) ?? 0) < 2) return `file ${file.path}`;
    return `file ${createHash('sha256')
      .update(await readFile(file.host_path))
      .digest('base64')}`;
  }

  async #count(): Promise<ReadonlyMap<number, number>> {
    const counts = new Map<number, number>();
    for (const { bytes } of this.#files.values()) counts.set(bytes, (counts.get(bytes) ?? 0) + 1);
    return counts;
  }
}
