import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { DataFault } from '../../src/synth/grounding/data-fault.js';
import { viewDataset } from '../../src/synth/grounding/dataset-view.js';
import { documentData } from '../../src/synth/grounding/document-data.js';
import type { Hub } from '../../src/synth/grounding/hub/hub.js';
import { openRows } from '../../src/synth/grounding/rows/open-rows.js';
import { RowsFault } from '../../src/synth/grounding/rows/row-source.js';
import { columnFacts } from '../../src/synth/grounding/tables/column-facts.js';
import { makeTaskData } from '../../src/synth/grounding/tables/make-task-data.js';
import { SynthSettings } from '../../src/synth/settings.js';
import { ownDirectory, planOf } from './grounding-fixture.js';

const { hub: settings } = SynthSettings.parse({ teachers: [{ model: 'm' }] });
const { signal } = new AbortController();

async function fileOf(name: string, contents: string | Uint8Array): Promise<string> {
  const file = path.join(await ownDirectory(), name);
  await writeFile(file, contents);
  return file;
}

/** A Hub of one dataset that shows these columns. */
function hubOf(columns: readonly string[], row: Record<string, unknown> = {}): Hub {
  const nobody = () => Promise.reject(new Error('is not asked'));
  const place = { config: 'default', split: 'train' };
  return {
    dataset: nobody,
    search: nobody,
    download: nobody,
    splits: async () => [{ ...place, rows: 100, bytes: 1000 }],
    dataFiles: async () => [{ ...place, revision: 'r', path: 'a.parquet', bytes: 1000 }],
    firstRows: async () => ({ features: columns.map((name) => ({ name, type: 'string' })), rows: [row] }),
  };
}

const numbered = (count: number) => Array.from({ length: count }, (_, at) => `c${at}`);

describe('a dataset that is too much to be shown', () => {
  it('is unsuitable when it has more columns than a task can describe [S3]', async () => {
    expect(await viewDataset('a/b', hubOf(numbered(10_000)), settings, signal)).toEqual({
      reason: 'dataset_unsuitable',
      detail: 'a/b has 10000 columns; 500 are the most that a task can describe.',
    });
  });

  it('is shown with shorter cells the more columns it has, and without columns that no header can name [S3]', async () => {
    const columns = [...numbered(400), 'two\nlines', '\u001b[31mred', '', 'x'.repeat(201)];
    const row = Object.fromEntries(columns.map((name) => [name, 'y'.repeat(1000)]));
    const view = await viewDataset('a/b', hubOf(columns, row), settings, signal);
    if ('reason' in view) throw new Error(view.detail);
    const [part] = view.parts;
    expect(part?.features.map(({ name }) => name)).toEqual(numbered(400));
    expect(Object.keys(part?.rows[0] ?? {})).toEqual(numbered(400));
    expect(JSON.stringify(part?.rows[0]).length).toBeLessThan(25_000);
    const few = await viewDataset('a/b', hubOf(['c0'], row), settings, signal);
    expect(few).toMatchObject({ parts: [{ rows: [{ c0: `${'y'.repeat(settings.cell_characters)}...` }] }] });
  });
});

describe('the documentation of a table with hundreds of columns', () => {
  it('tells each in a line that is bounded, and the values of the target alone [S3]', () => {
    const inputs = numbered(400);
    const cells = Array.from({ length: 100 }, (_, at) => `value number ${at % 20}`);
    const type = `Struct(${'field: string, '.repeat(1000)})`;
    const facts = { version: 1 as const, train_rows: 100, test_rows: 20, rows: 120, files: [] };
    const text = documentData({
      source: { repo: 'a/b', config: 'default', split: 'train', licence: null },
      plan: planOf('y', inputs),
      data: {
        ...facts,
        left_out: { without_target: 0, without_place: 0, repeated: 0 },
        columns: [...inputs, 'y'].map((name) => columnFacts(name, type, cells)),
        sample: Array.from({ length: 5 }, () => ['1', ...inputs.map(() => 'x'.repeat(1000)), 'value number 1']),
      },
      sampleRows: 5,
      cellCharacters: 200,
    });
    expect(text).toContain('the target, a class; 20 values: value number 0 (5)');
    expect(text).toMatch(/^- c7 \(Struct.{90,120}\): 20 different values; 14.5 characters on average$/m);
    expect(text.length).toBeLessThan(200_000);
  });
});

describe('files that are made to be read without end', () => {
  it('are no table when each record has fields of its own [S3]', async () => {
    const lines = numbered(300).map((name) =>
      JSON.stringify(Object.fromEntries(numbered(100).map((c) => [name + c, 1]))),
    );
    await expect(openRows([await fileOf('x.jsonl', lines.join('\n'))])).rejects.toThrow(/more than 20000 columns/);
  });

  it('are no CSV when one record goes on and on [S3]', async () => {
    const file = await fileOf('x.csv', Buffer.concat([Buffer.from('a,b\n"'), Buffer.alloc(2 ** 26 + 100, 'x')]));
    await expect(openRows([file])).rejects.toThrow(RowsFault);
  });

  it('are no table when their values are nested deeper than JSON is written [S3]', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const lines = Array.from({ length: 60 }, (_, at) => `{"x": ${deep}, "y": ${at % 2}}`);
    const file = await fileOf('x.jsonl', lines.join('\n'));
    const { features } = await openRows([file]);
    expect(features).toEqual([
      { name: 'x', type: 'json' },
      { name: 'y', type: 'int64' },
    ]);
    const made = makeTaskData({
      recipe: { repo: 'a/b', revision: 'r', files: ['x.jsonl'], maxRows: 100, testShare: 0.25, seed: 1 },
      plan: planOf('y', ['x']),
      features,
      bring: async () => [file],
      cacheDirectory: await ownDirectory(),
      signal,
    });
    await expect(made).rejects.toThrow(DataFault);
    await expect(made).rejects.toThrow(/too deep or too large/);
  });

  it('are not unpacked when a group says that it takes more than memory holds [S3]', async () => {
    const columnData = numbered(20).map((name) => ({ name, data: Array(60_000).fill(1), type: 'INT32' as const }));
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize: 60_000 }));
    const { rows, count } = await openRows([await fileOf('x.parquet', bytes)]);
    const first = async (columns: string[]) => {
      for await (const row of rows([0], columns)) return row;
      return null;
    };
    expect(count).toBe(60_000);
    expect(await first(['c0'])).toEqual({ c0: 1 });
    await expect(first(Array(1000).fill('c0'))).rejects.toThrow(/60000 rows takes .* more than can be read/);
  });
});
