import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { DatasetSettings } from '../rollout/dataset/dataset-settings.js';
import { type DatasetFile, DatasetManifest } from '../rollout/dataset/manifest.js';
import { TrainError } from './train-error.js';

const BUILD_AGAIN = 'Build it again: gymsmith dataset build';

const { files, tokenizer, tokens } = DatasetManifest.shape;
/** Of a manifest, what a training depends on: others of its parts may come and go. */
const TrainedManifest = z.object({
  files,
  tokenizer,
  tokens,
  settings: z.object({ truncate_tokens: DatasetSettings.shape.truncate_tokens }),
});

/** A dataset on this machine whose files are what its manifest says. */
export interface OpenDataset {
  manifest: z.output<typeof TrainedManifest>;
  sha256: string;
  rows: { train: number; test: number };
  /** Of the format that is trained on. */
  bytes: number;
}

/**
 * Reads a dataset's manifest and compares every file that will be read with it.
 * @throws TrainError naming the file that is missing or differs
 */
export async function openDataset(directory: string): Promise<OpenDataset> {
  const file = path.join(directory, 'manifest.json');
  const text = await readFile(file).catch((error: Error) => {
    throw new TrainError('dataset', `${directory} is no dataset: ${error.message}`, 'Make one: gymsmith dataset build');
  });
  const manifest = parse(file, text.toString('utf8'));
  const isParquet = manifest.files.some(({ format }) => format === 'parquet');
  const read = manifest.files.filter(({ format }) => (format === 'parquet') === isParquet);
  const rows = { train: 0, test: 0 };
  for (const entry of read) {
    await compare(path.join(directory, entry.path), entry);
    rows[entry.split] += entry.rows;
  }
  if (rows.train === 0) {
    const remedy = 'Loosen its filter, or hold out fewer tasks; gymsmith dataset stats shows what was dropped.';
    throw new TrainError('dataset', `${directory} has no rows to train on.`, remedy);
  }
  return { manifest, sha256: hashOf(text), rows, bytes: read.reduce((sum, { bytes }) => sum + bytes, 0) };
}

function parse(file: string, text: string): OpenDataset['manifest'] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new TrainError('dataset', `${file} is no JSON.`, BUILD_AGAIN);
  }
  const parsed = TrainedManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TrainError('dataset', `${file}: ${issue?.path.join('.')}: ${issue?.message}`, BUILD_AGAIN);
}

async function compare(file: string, entry: DatasetFile): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (found === null) throw new TrainError('dataset', `${file} is missing.`, BUILD_AGAIN);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  if (hash.digest('hex') === entry.sha256) return;
  throw new TrainError('dataset', `${file} is not what the manifest says: its hash differs.`, BUILD_AGAIN);
}

function hashOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
