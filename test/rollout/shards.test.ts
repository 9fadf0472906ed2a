import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planShards } from '../../src/rollout/dataset/build/plan-shards.js';
import type { DatasetRow } from '../../src/rollout/dataset/dataset-row.js';
import { JsonLinesFile } from '../../src/rollout/dataset/shards/json-lines-file.js';
import { ParquetFile } from '../../src/rollout/dataset/shards/parquet-file.js';
import type { ShardItem } from '../../src/rollout/dataset/shards/shard-job.js';
import { shardPath } from '../../src/rollout/dataset/shards/shard-path.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-shards-'));
});
afterEach(() => rm(directory, { recursive: true }));

const text = fc.string({ unit: 'grapheme', maxLength: 30 });
const call = fc.record({ name: text, arguments: text });
const message = fc.record(
  {
    role: fc.constantFrom('system' as const, 'user' as const, 'assistant' as const, 'tool' as const),
    content: text,
    tool_calls: fc.array(call, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['role', 'content'] },
);
const whole = fc.nat({ max: 2 ** 40 });
const number = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0));
const anyRow: fc.Arbitrary<DatasetRow> = fc.record({
  id: text,
  task: text,
  model: text,
  messages: fc.array(message, { minLength: 1, maxLength: 4 }),
  tools: fc.option(text),
  text,
  loss_spans: fc.array(fc.tuple(whole, whole), { minLength: 1, maxLength: 3 }),
  tokens: whole,
  loss_tokens: whole,
  truncated: fc.boolean(),
  exit_status: text,
  valid: whole,
  best: number,
  baseline: number,
  improves: fc.boolean(),
  steps: whole,
});

async function parquetRows(bytes: Buffer): Promise<unknown[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, compressors });
  // 64-bit numbers come as such; calls that a message has not come as null.
  const plain = JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value));
  return (JSON.parse(plain) as DatasetRow[]).map((row) => ({
    ...row,
    messages: row.messages.map(({ tool_calls, ...rest }) => (tool_calls ? { ...rest, tool_calls } : rest)),
  }));
}

test('rows are read back from Parquet and from JSON lines as they were written, and hashes are of the bytes [T5]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRow, { minLength: 1, maxLength: 5 }), async (rows) => {
      for (const [name, File] of [
        ['a.parquet', ParquetFile],
        ['a.jsonl.gz', JsonLinesFile],
      ] as const) {
        const place = path.join(directory, name);
        const file = new File(place);
        for (const row of rows) await file.write(row);
        const { bytes, sha256 } = await file.finish();
        const written = await readFile(place);
        expect(bytes).toBe(written.length);
        expect(sha256).toBe(createHash('sha256').update(written).digest('hex'));
        const read =
          File === ParquetFile
            ? await parquetRows(written)
            : gunzipSync(written)
                .toString()
                .trimEnd()
                .split('\n')
                .map((line) => JSON.parse(line));
        expect(JSON.stringify(read)).toBe(JSON.stringify(rows));
      }
    }),
    { numRuns: 60 },
  );
});

test('Parquet has lists of structures in three levels, a bounded group of rows, and a file without rows has its columns', async () => {
  const [row] = fc.sample(anyRow, { numRuns: 1, seed: 1 });
  const file = new ParquetFile(path.join(directory, 'a.parquet'));
  for (let at = 0; at < 150; at++) await file.write(row!);
  await file.finish();
  const bytes = await readFile(path.join(directory, 'a.parquet'));
  const metadata = await parquetMetadataAsync(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  expect(metadata.row_groups.map(({ num_rows }) => Number(num_rows))).toEqual([64, 64, 22]);
  const messages = parquetSchema(metadata).children.find(({ element }) => element.name === 'messages')!;
  expect(messages.element.converted_type).toBe('LIST');
  expect(messages.children[0]!.children[0]!.children.map(({ element }) => element.name)).toEqual([
    'role',
    'content',
    'tool_calls',
  ]);
  await new ParquetFile(path.join(directory, 'none.parquet')).finish();
  expect(await parquetRows(await readFile(path.join(directory, 'none.parquet')))).toEqual([]);
});

test('a file that was not finished is not there [B4]', async () => {
  const [row] = fc.sample(anyRow, { numRuns: 1, seed: 1 });
  for (const File of [ParquetFile, JsonLinesFile]) {
    const file = new File(path.join(directory, 'a'));
    await file.write(row!);
    expect(await readdir(directory)).toEqual(['a.part']);
    file.discard();
    expect(await readdir(directory)).toEqual([]);
  }
});

test('shards are named as the Hub names them, the formats apart', () => {
  expect(shardPath('parquet', 'train', 3, 12)).toBe('data/train-00003-of-00012.parquet');
  expect(shardPath('jsonl', 'test', 0, 1)).toBe('jsonl/test-00000-of-00001.jsonl.gz');
});

test('which rows a shard holds follows from ids and seed, not from the order in which they come [T5]', () => {
  const items = new Map<string, ShardItem>();
  const kept = Array.from({ length: 57 }, (_, at) => {
    const id = `run/t-${at}`;
    const labels = { task: 't', model: 'm', exit_status: '', valid: 1, best: 1, baseline: 0, improves: true, steps: 1 };
    items.set(id, { id, file: id, sha256: '', labels, turns: { ends: [9], losses: [3] } });
    return { id, file: id, task: 't', split: at % 5 === 0 ? ('test' as const) : ('train' as const) };
  });
  const settings = { seed: 4, view: 'full', truncate_tokens: null, formats: ['jsonl'], shard_rows: 10 } as const;
  const plan = (some: typeof kept, seed: number) =>
    planShards(some, (id) => items.get(id)!, '/x', { ...settings, formats: ['jsonl'], seed }).map(
      ({ split, number, of, items: rows }) => [split, number, of, rows.map(({ id }) => id)] as const,
    );
  const planned = plan(kept, 4);
  expect(plan(kept.toReversed(), 4)).toEqual(planned);
  expect(plan(kept, 5)).not.toEqual(planned);
  expect(planned.map(([split, number, of, ids]) => [split, number, of, ids.length])).toEqual([
    ['train', 0, 5, 10],
    ['train', 1, 5, 10],
    ['train', 2, 5, 10],
    ['train', 3, 5, 10],
    ['train', 4, 5, 5],
    ['test', 0, 2, 10],
    ['test', 1, 2, 2],
  ]);
  expect(planned.flatMap(([, , , ids]) => ids).sort()).toEqual([...items.keys()].sort());
});
