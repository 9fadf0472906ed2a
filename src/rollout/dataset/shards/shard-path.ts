import type { DatasetFile } from '../manifest.js';

/** Formats lie apart: who points a reader at a directory reads each row once. */
const PLACES: Readonly<Record<DatasetFile['format'], { directory: string; ending: string }>> = {
  parquet: { directory: 'data', ending: 'parquet' },
  jsonl: { directory: 'jsonl', ending: 'jsonl.gz' },
};

/** @returns where a shard lies below the directory of its dataset, named as the Hub names shards */
export function shardPath(
  format: DatasetFile['format'],
  split: DatasetFile['split'],
  number: number,
  of: number,
): string {
  const { directory, ending } = PLACES[format];
  const digits = (value: number) => String(value).padStart(5, '0');
  return `${directory}/${split}-${digits(number)}-of-${digits(of)}.${ending}`;
}
