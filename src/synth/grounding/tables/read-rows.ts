import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { DataPlan, HubFeature } from '../../candidate.js';
import type { Chance } from '../../chance/chance.js';
import { DataFault } from '../data-fault.js';
import { isFileFeature } from '../feature-words.js';
import type { RowSource } from '../rows/row-source.js';
import { cellOf } from './cell.js';
import { fileKind } from './file-kind.js';
import { isTime } from './split-rows.js';

/** Rows with cells that are files are fewer: each is a file of its own in every sandbox. */
const MAX_FILE_ROWS = 5000;

/** A cell that became a file, until the row has its number. */
interface StagedFile {
  /** Where it lies now. */
  staged: string;
  directory: string;
  extension: string;
}

/** A row of a task before it has a number. */
export interface ReadRow {
  inputs: (string | StagedFile)[];
  target: string;
  /** Time or group; empty where neither is asked for. */
  by: string;
  /** Equal for rows with equal inputs. */
  key: string;
}

/** The rows that a task is made of. */
export interface ReadRows {
  rows: ReadRow[];
  withoutTarget: number;
  withoutPlace: number;
  /** Whether cells became files. */
  hasFiles: boolean;
}

/**
 * Reads the rows of a task, as many as it may have, chosen by chance and the same each time. Files of cells go to a directory.
 * @throws DataFault, RowsFault; the signal's reason
 */
export async function readRows(
  source: RowSource,
  plan: DataPlan,
  options: { maxRows: number; chance: Chance; staging: string; features: readonly HubFeature[]; signal: AbortSignal },
): Promise<ReadRows> {
  const { chance, staging, signal } = options;
  const featureOf = (name: string): HubFeature => {
    const feature = options.features.find((entry) => entry.name === name);
    if (!source.features.some((entry) => entry.name === name) || !feature) {
      throw new DataFault(`The files have no column ${name}.`);
    }
    return feature;
  };
  const inputs = plan.inputs.map(featureOf);
  const target = featureOf(plan.target);
  const by = plan.split.by === null ? null : featureOf(plan.split.by);
  const isFiles = inputs.some(isFileFeature);
  const most = isFiles ? Math.min(options.maxRows, MAX_FILE_ROWS) : options.maxRows;
  const indexes =
    source.count > most ? chance.sample(most, source.count) : Array.from({ length: source.count }, (_, index) => index);
  const columns = [...new Set([...inputs, target, ...(by ? [by] : [])].map(({ name }) => name))];
  const read: ReadRows = { rows: [], withoutTarget: 0, withoutPlace: 0, hasFiles: false };
  await mkdir(staging, { recursive: true });
  for await (const row of source.rows(indexes, columns)) {
    signal.throwIfAborted();
    const wanted = cellOf(row[target.name], target);
    if (typeof wanted !== 'string') throw new DataFault(`The target ${target.name} holds files.`);
    if (wanted.trim() === '' || (plan.target_kind === 'number' && !Number.isFinite(Number(wanted)))) {
      read.withoutTarget++;
      continue;
    }
    const place = by ? cellOf(row[by.name], by) : '';
    if (typeof place !== 'string') throw new DataFault(`The column ${by?.name} that rows are split by holds files.`);
    if (by && (plan.split.method === 'temporal' ? !isTime(place) : place === '')) {
      read.withoutPlace++;
      continue;
    }
    const cells: ReadRow['inputs'] = [];
    const key = createHash('sha256');
    for (const feature of inputs) {
      const cell = cellOf(row[feature.name], feature);
      const bytes = typeof cell === 'string' ? cell : cell.bytes;
      key.update(`${typeof cell} ${bytes.length}\n`).update(bytes);
      if (typeof cell === 'string') cells.push(cell);
      else {
        read.hasFiles = true;
        cells.push(await stage(staging, cell));
      }
    }
    read.rows.push({ inputs: cells, target: wanted, by: place, key: key.digest('base64') });
  }
  return read;
}

async function stage(
  staging: string,
  { bytes, name }: { bytes: Uint8Array; name: string | null },
): Promise<StagedFile> {
  const staged = path.join(staging, createHash('sha256').update(bytes).digest('hex'));
  await writeFile(staged, bytes);
  return { staged, ...fileKind(bytes, name) };
}
