import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { Chance } from '../../src/synth/chance/chance.js';
import { isBlocked, isBlockedConfig } from '../../src/synth/grounding/block-list.js';
import { DesignAnswer } from '../../src/synth/grounding/design-answer.js';
import { documentData } from '../../src/synth/grounding/document-data.js';
import { featureOf } from '../../src/synth/grounding/feature-words.js';
import type { HubDataset } from '../../src/synth/grounding/hub/hub.js';
import { rankResults } from '../../src/synth/grounding/rank-results.js';
import { dateText, timestampText } from '../../src/synth/grounding/rows/iso-time.js';
import { openRows } from '../../src/synth/grounding/rows/open-rows.js';
import { RowsFault } from '../../src/synth/grounding/rows/row-source.js';
import { cellOf } from '../../src/synth/grounding/tables/cell.js';
import { columnFacts } from '../../src/synth/grounding/tables/column-facts.js';
import { constantPrediction } from '../../src/synth/grounding/tables/constant-prediction.js';
import { csvLine } from '../../src/synth/grounding/tables/csv-text.js';
import { fileKind } from '../../src/synth/grounding/tables/file-kind.js';
import { splitRows } from '../../src/synth/grounding/tables/split-rows.js';
import type { TaskData } from '../../src/synth/grounding/tables/task-data.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import { AnsweringTeacher, clientOf, ground, ownDirectory, proposed, shippedHub } from './grounding-fixture.js';

const cell = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('a', ' ', ',', '"', '\n', '\r', "'", '\t', '\\', ';', 'é', '\u2028', '😀'),
    maxLength: 8,
  }),
);

describe('tables as CSV', () => {
  it("come back as they were from Python's csv module [S3]", () => {
    const tables = fc.sample(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), 400);
    const texts = tables.map((rows) => rows.map(csvLine).join(''));
    const program =
      'import csv, io, json, sys\n' +
      'print(json.dumps([list(csv.reader(io.StringIO(t, newline=""), strict=True)) for t in json.load(sys.stdin)]))';
    const read = JSON.parse(execFileSync('python3', ['-c', program], { input: JSON.stringify(texts) }).toString());
    expect(read).toEqual(tables.map((rows) => rows.map((row) => row.map((text) => text.replaceAll('\0', '\uFFFD')))));
  });

  it('cut a cell that is longer than that module reads, and tear no character [S3]', () => {
    const line = csvLine([`${'x'.repeat(131_071)}😀y`]);
    expect(line).toBe(`${'x'.repeat(131_071)}\n`);
  });
});

describe('a split of rows', () => {
  const rows = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 2, maxLength: 120 });
  const method = fc.constantFrom('random' as const, 'temporal' as const, 'group' as const);
  const splitOf = (how: 'random' | 'temporal' | 'group', by: readonly number[], testShare: number, seed: string) =>
    splitRows(by.length, { method: how, by: by.map(String), testShare, chance: new Chance(seed) });

  it('has each row once, and is the same for the same seed [S3]', () => {
    fc.assert(
      fc.property(
        method,
        rows,
        fc.double({ min: 0.05, max: 0.9, noNaN: true }),
        fc.string(),
        (how, by, share, seed) => {
          const { train, test } = splitOf(how, by, share, seed);
          expect([...train, ...test].sort((a, b) => a - b)).toEqual(by.map((_, at) => at));
          expect(splitOf(how, by, share, seed)).toEqual({ train, test });
          if (new Set(by).size < 2) return;
          expect(train.length).toBeGreaterThan(0);
          expect(test.length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('is as large as asked for, keeps groups together and times in order [S3]', () => {
    fc.assert(
      fc.property(rows, fc.double({ min: 0.05, max: 0.9, noNaN: true }), fc.string(), (by, share, seed) => {
        const different = by.map((_, at) => at);
        const size = splitOf('random', different, share, seed).test.length;
        expect(Math.abs(size - by.length * share)).toBeLessThanOrEqual(1);
        const groups = splitOf('group', by, share, seed);
        const held = new Set(groups.test.map((at) => by[at]));
        expect(groups.train.some((at) => held.has(by[at]))).toBe(false);
        const times = splitOf('temporal', by, share, seed);
        const latest = Math.max(...times.train.map((at) => by[at] ?? 0));
        for (const at of times.test) expect(by[at]).toBeGreaterThan(latest);
      }),
    );
  });
});

describe('chance', () => {
  it('samples different numbers in order, and shuffles without loss, the same for the same text [S3]', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(60), fc.nat(60), (text, count, more) => {
        const taken = new Chance(text).sample(count, count + more);
        expect(taken).toEqual([...new Set(taken)].sort((a, b) => a - b));
        expect(taken).toHaveLength(count);
        expect(taken.every((number) => number >= 0 && number < count + more)).toBe(true);
        expect(new Chance(text).sample(count, count + more)).toEqual(taken);
        expect(new Chance(text).shuffled(taken).sort((a, b) => a - b)).toEqual(taken);
      }),
    );
  });
});

describe('results of a search', () => {
  const dataset = (repo: string, downloads = 0): HubDataset => ({
    repo,
    downloads,
    commit: '',
    isGated: false,
    isDisabled: false,
    licence: null,
    likes: 0,
    tags: [],
  });

  it('are ordered by equal names, then common words, then downloads; what has none in common is left out [S3]', () => {
    const found = [
      dataset('a/flowers', 1e9),
      dataset('b/wine_quality_red', 5),
      dataset('c/WineQuality', 1),
      dataset('d/red-wine', 9),
      dataset('e/white-wine', 10),
    ];
    const ranked = rankResults({ id: 'acme/wine-quality', query: 'red wine' }, found).map(({ repo }) => repo);
    expect(ranked).toEqual(['c/WineQuality', 'd/red-wine', 'b/wine_quality_red', 'e/white-wine']);
  });

  it('have one order, whichever way they come [S3]', () => {
    const word = fc.constantFrom('wine', 'red', 'quality', 'birds', 'v2');
    const name = fc
      .tuple(fc.constantFrom('a', 'b'), word, word)
      .map(([owner, ...words]) => `${owner}/${words.join('-')}`);
    const results = fc.uniqueArray(fc.tuple(name, fc.nat(3)), { selector: ([repo]) => repo });
    fc.assert(
      fc.property(results, fc.string(), (entries, text) => {
        const found = entries.map(([repo, downloads]) => dataset(repo, downloads));
        const wanted = { id: 'x/red-wine', query: 'quality of wine' };
        expect(rankResults(wanted, new Chance(text).shuffled(found))).toEqual(rankResults(wanted, found));
      }),
    );
  });
});

describe('datasets of benchmarks', () => {
  it.each([
    'uoft-cs/cifar10',
    'CIFAR-10',
    'someone/cifar_10_resized',
    'zalando-datasets/fashion_mnist',
    'nyu-mll/multi_nli',
    'SetFit/mnli',
    'HuggingFaceFW/fineweb-edu',
    'jxie/coco_captions',
    'Kaggle/house-prices-advanced-regression-techniques',
    'mstz/titanic',
    'https://huggingface.co/datasets/uoft-cs/cifar10',
    'datasets/titanic@main',
  ])('are blocked by any name: %s [S3] [S7]', (id) => {
    expect(isBlocked(id, [])).toBe(true);
  });

  it.each([
    'uoft-cs/cifar100',
    'palmer-station/penguins',
    'ylecun/mnist',
    'nyu-mll/glue',
    'acme/coconut',
    'scikit-learn/california-housing',
  ])('are not %s [S3]', (id) => {
    expect(isBlocked(id, [])).toBe(false);
  });

  it('may be subsets of a dataset, and are those of the settings as well [S3] [S7]', () => {
    expect(isBlockedConfig('nyu-mll/glue', 'mnli_matched')).toBe(true);
    expect(isBlockedConfig('nyu-mll/glue', 'cola')).toBe(false);
    expect(isBlocked('Acme/Pears', ['acme/pears'])).toBe(true);
    expect(isBlocked('other/pears', ['acme/pears'])).toBe(false);
    expect(isBlocked('other/pe-ars', ['pears'])).toBe(true);
    expect(isBlocked('acme/anything', ['acme/*'])).toBe(true);
  });
});

describe('cells', () => {
  const plain = { name: 'x', type: 'string' };
  it.each([
    [null, ''],
    [undefined, ''],
    ['a, b', 'a, b'],
    [true, 'True'],
    [12n, '12'],
    [0.1, '0.1'],
    [Number.NaN, ''],
    [Number.NEGATIVE_INFINITY, '-inf'],
    [{ a: 1n, b: [null, 'x'] }, '{"a":1,"b":[null,"x"]}'],
    [new Float32Array([1, 2]), '[1,2]'],
    [new Date(Date.UTC(2024, 0, 2)), '2024-01-02T00:00:00'],
  ])('hold %# of these values as a text [S3]', (value, text) => {
    expect(cellOf(value, plain)).toBe(text);
  });

  it('hold the names of classes, and nothing for a label that is kept secret [S3]', () => {
    const label = featureOf('label', { _type: 'ClassLabel', names: ['cat', 'dog'] });
    expect([0, 1n, '1', -1, '', 2, null].map((value) => cellOf(value, label))).toEqual([
      'cat',
      'dog',
      'dog',
      '',
      '',
      '',
      '',
    ]);
  });

  it('hold files, known by their first bytes or their name [S3]', () => {
    const bytes = new Uint8Array([0xff, 0xd8, 0xff, 0xe0]);
    const image = featureOf('image', { _type: 'Image' });
    expect(cellOf({ bytes, path: 'a.jpeg' }, image)).toEqual({ bytes, name: 'a.jpeg' });
    expect(cellOf({ bytes: null, path: 'a.jpeg' }, image)).toBe('');
    expect(fileKind(bytes, 'a.png')).toEqual({ directory: 'images', extension: 'jpg' });
    expect(fileKind(new Uint8Array([1]), 'x.NPY')).toEqual({ directory: 'files', extension: 'npy' });
    expect(fileKind(new Uint8Array([1]), '../../etc/passwd')).toEqual({ directory: 'files', extension: 'bin' });
  });

  it('hold times as ISO texts that sort as the times do [S3]', () => {
    expect(timestampText(0n)).toBe('1970-01-01T00:00:00');
    expect(timestampText(-1n)).toBe('1969-12-31T23:59:59.999999');
    expect(dateText(19_000)).toBe('2022-01-08');
    const micros = fc.bigInt({ min: -(2n ** 50n), max: 2n ** 51n });
    fc.assert(fc.property(micros, micros, (a, b) => timestampText(a) < timestampText(b) === a < b));
  });

  it('are types in the words of the Hub [S3]', () => {
    const value = (dtype: string) => ({ dtype, _type: 'Value' });
    const typeOf = (type: unknown) => featureOf('x', type).type;
    expect(typeOf(value('int64'))).toBe('int64');
    expect(typeOf({ feature: value('string'), length: -1, _type: 'Sequence' })).toBe('List(string)');
    expect(typeOf([{ a: value('bool') }])).toBe('List(Struct(a: bool))');
    expect(typeOf({ languages: ['de', 'en'], _type: 'Translation' })).toBe('Translation');
    expect(typeOf(null)).toBe('unknown');
  });
});

describe('the constant prediction', () => {
  it('is the most frequent class, the median, or an empty text [S3]', () => {
    expect(constantPrediction('class', ['b', 'a', 'b', 'a', 'c'])).toBe('a');
    expect(constantPrediction('number', ['10', '2', '3'])).toBe('3');
    expect(constantPrediction('number', ['1', '2', '3', '10'])).toBe('2.5');
    expect(constantPrediction('text', ['x'])).toBe('');
  });
});

describe('the documentation of the data', () => {
  it('says which values look like missing ones, and what is known of the columns [S3]', () => {
    const type = 'string';
    const data: TaskData = {
      version: 1,
      train_rows: 4,
      test_rows: 2,
      rows: 10,
      left_out: { without_target: 1, without_place: 0, repeated: 3 },
      files: [],
      columns: [
        columnFacts('size', 'float64', ['1', '', '2.5', '-1e-3']),
        columnFacts('note', type, ['a text\nof lines', 'b', 'c', 'd']),
        columnFacts('region', type, ['NA', 'EU', 'NA', 'EU']),
      ],
      sample: [['0', '1', 'a text\nof lines, "quoted"', 'NA']],
    };
    const plan = {
      inputs: ['size', 'note'],
      target: 'region',
      target_kind: 'class',
      split: { method: 'group', by: 'site' },
    } as const;
    const source = { repo: 'acme/pears', config: 'default', split: 'train', licence: null };
    const text = documentData({
      source,
      plan: { ...plan, inputs: [...plan.inputs] },
      data,
      sampleRows: 3,
      cellCharacters: 10,
    });
    expect(text).toContain('licence: not told');
    expect(text).toContain('so that no site is in both');
    expect(text).toContain('3 test rows with the inputs of a training row were left out.');
    expect(text).toContain('In region, NA is a value: read the tables with keep_default_na=False');
    expect(text).toContain('- size (float64): 3 different values; -0.001 to 2.5, mean 1.166; 1 missing');
    expect(text).toContain('- region (string): the target, a class; 2 values: EU (2), NA (2)');
    expect(text.endsWith('\n0,1,a text of ...,NA')).toBe(true);
  });
});

describe('rows of files', () => {
  async function rowsOf(files: Record<string, Uint8Array | string>, indexes: number[], columns: string[]) {
    const directory = await ownDirectory();
    const paths: string[] = [];
    for (const [name, contents] of Object.entries(files)) {
      paths.push(path.join(directory, name));
      await writeFile(path.join(directory, name), contents);
    }
    const source = await openRows(paths);
    const rows: unknown[] = [];
    for await (const row of source.rows(indexes, columns)) rows.push(row);
    return { source, rows };
  }

  const parquet = (columnData: ColumnSource[], rowGroupSize = 3): Uint8Array =>
    new Uint8Array(parquetWriteBuffer({ columnData, rowGroupSize }));

  it('are read from Parquet across files and groups, as many as are wanted [S3]', async () => {
    const part = (from: number) =>
      parquet([
        { name: 'n', data: Array.from({ length: 7 }, (_, at) => from + at), type: 'INT32' },
        {
          name: 's',
          data: Array.from({ length: 7 }, (_, at) => (at % 3 === 0 ? null : `row ${from + at}`)),
          type: 'STRING',
        },
        { name: 'f', data: Array.from({ length: 7 }, () => 0.1), type: 'FLOAT' },
        { name: 't', data: Array.from({ length: 7 }, () => new Date(Date.UTC(2024, 1, 3))), type: 'TIMESTAMP' },
      ]);
    const { source, rows } = await rowsOf(
      { 'a.parquet': part(0), 'b.parquet': part(7) },
      [1, 6, 7, 13],
      ['n', 's', 'f', 't'],
    );
    expect(source.count).toBe(14);
    expect(source.features.map(({ type }) => type)).toEqual(['int32', 'string', 'float32', 'timestamp']);
    const common = { f: 0.1, t: '2024-02-03T00:00:00' };
    expect(rows.map((row) => ({ ...(row as object), s: (row as { s?: string }).s ?? null }))).toEqual([
      { n: 1, s: 'row 1', ...common },
      { n: 6, s: null, ...common },
      { n: 7, s: null, ...common },
      { n: 13, s: null, ...common },
    ]);
  });

  it('are read from CSV with other signs between cells, and from JSON of both forms [S3]', async () => {
    const csv = await rowsOf({ 'x.csv': '\uFEFFa;b\r\n1;"x;\ny"\r\n2;\r\n' }, [0, 1], []);
    expect(csv.rows).toEqual([
      { a: '1', b: 'x;\ny' },
      { a: '2', b: '' },
    ]);
    expect(csv.source.features).toEqual([
      { name: 'a', type: 'int64' },
      { name: 'b', type: 'string' },
    ]);
    const lines = await rowsOf({ 'x.jsonl': '{"a":1}\n\n{"a":{"b":[2]}}\n' }, [1], []);
    expect(lines.rows).toEqual([{ a: { b: [2] } }]);
    const document = await rowsOf({ 'x.json': '[{"a":true},{"a":false}]' }, [0, 1], []);
    expect(document.rows).toEqual([{ a: true }, { a: false }]);
    expect(document.source.features).toEqual([{ name: 'a', type: 'bool' }]);
  });

  it.each([
    ['x.parquet', 'this is no Parquet file at all'],
    ['x.jsonl', '{"a":1}\nnot json\n'],
    ['x.json', '[1, 2]'],
    ['x.json', '{"a": [1,\n'],
  ])('say what is wrong with %s that holds something else [S3]', async (name, text) => {
    await expect(rowsOf({ [name]: text }, [0], ['a'])).rejects.toBeInstanceOf(RowsFault);
  });
});

describe('the question how rows become a task', () => {
  it('reads well, names what is wrong with an answer, and shows a form that is an answer [S3]', async () => {
    const server = await shippedHub();
    const directory = await ownDirectory();
    const hub = await clientOf(server.url, directory);
    const wrong = { suitable: true, reason: '', config: 'none', split: 'train', plan: null };
    const teacher = new AnsweringTeacher([wrong, wrong]);
    await ground(proposed('allison/uci-wine', 'wine cultivars'), { hub, teacher, directory });
    const prompt = await new PromptSet(null).fill('design', teacher.asked[1]?.variables ?? {});
    expect(prompt.user).toContain('Topic: Pears by length\nTask: a-task\n');
    expect(prompt.user).toContain(
      'uci-archive/wine-cultivars\nA search found it; the proposed allison/uci-wine does not exist.',
    );
    expect(prompt.user).toContain('- `cultivar`: ClassLabel(3), names: barolo, ');
    expect(prompt.user).toMatch(/\nSample rows:\n\{"alcohol":"14.23",.*\}\n\{.*\}\n/);
    expect(prompt.user).toMatch(/\n\nYour last answer cannot be used:\n- config, split and plan.*\nAnswer again/);
    const forms = prompt.system.match(/\{"suitable"[\s\S]*?\}(?=\n|$)/g) ?? [];
    expect(forms.map((form) => DesignAnswer.safeParse(JSON.parse(form)).success)).toEqual([true, true]);
  });
});
