import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { RunError } from '../../../run/run-error.js';
import { parseTrajectory } from '../../parse-trajectory.js';
import { rowsOf, type TrajectoryRows } from '../rows-of.js';
import { JsonLinesFile } from './json-lines-file.js';
import { ParquetFile } from './parquet-file.js';
import type { RowFile } from './row-file.js';
import type { ShardItem, ShardJob, ShardResult } from './shard-job.js';
import { shardPath } from './shard-path.js';

const OPEN = { parquet: ParquetFile, jsonl: JsonLinesFile } as const;

/**
 * Writes a shard: reads its trajectories one after the other, and holds no more of them than a group of rows.
 * @param count tokens of a text
 * @throws RunError for a trajectory that was changed since it was labelled; what the file system throws
 */
export async function writeShard(job: ShardJob, count: (text: string) => number): Promise<ShardResult> {
  const { directory, split, number, of, settings, items } = job;
  const result: ShardResult = {
    files: [],
    rows: 0,
    tokens: 0,
    loss_tokens: 0,
    truncated: 0,
    omitted: 0,
    unknown_views: 0,
    tasks: [],
    without_rows: [],
  };
  const open: { path: string; format: 'parquet' | 'jsonl'; file: RowFile }[] = [];
  try {
    for (const format of new Set(settings.formats)) {
      const below = shardPath(format, split, number, of);
      mkdirSync(path.dirname(path.join(directory, below)), { recursive: true });
      open.push({ path: below, format, file: new OPEN[format](path.join(directory, below)) });
    }
    for (const item of items) {
      const made = await readRows(item, job, count);
      for (const row of made.rows) for (const { file } of open) await file.write(row);
      tally(result, item, made);
    }
    while (open.length > 0) {
      const { path: below, format, file } = open[0]!;
      const written = await file.finish();
      open.shift();
      result.files.push({ path: below, split, format, rows: result.rows, ...written });
    }
    return result;
  } finally {
    for (const { file } of open) file.discard();
  }
}

async function readRows(item: ShardItem, job: ShardJob, count: (text: string) => number): Promise<TrajectoryRows> {
  const contents = await readFile(item.file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return null;
  });
  if (contents === null || createHash('sha256').update(contents).digest('hex') !== item.sha256) {
    const what = contents === null ? 'is gone' : 'is another file';
    throw new RunError(
      `${item.file} ${what} since it was labelled.`,
      'Run the same command again when nothing writes there.',
    );
  }
  const { trajectory } = parseTrajectory(contents.toString(), item.file);
  return rowsOf(trajectory, item, job.settings, count);
}

function tally(result: ShardResult, { id, labels }: ShardItem, { rows, omitted, isUnknownView }: TrajectoryRows): void {
  result.omitted += omitted;
  result.unknown_views += Number(isUnknownView);
  if (rows.length === 0) result.without_rows.push(id);
  const before = result.tasks.find(({ task }) => task === labels.task);
  if (before) before.rows += rows.length;
  else result.tasks.push({ task: labels.task, rows: rows.length });
  for (const row of rows) {
    result.rows++;
    result.tokens += row.tokens;
    result.loss_tokens += row.loss_tokens;
    result.truncated += Number(row.truncated);
  }
}
