import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { datasetRepo } from '../../src/testing/hub-stand-in/dataset-repo.js';
import { HUB_FAULTS } from '../../src/testing/hub-stand-in/hub-fault.js';
import { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';

const CARD = `---
license: cc0-1.0
configs:
- config_name: default
  data_files:
  - split: train
    path: data/train.csv
  - split: test
    path: test.jsonl
- config_name: pictures
  data_files:
  - split: train
    path: data/train-00000-of-00001.parquet
dataset_info:
- config_name: default
  features:
  - name: kind
    dtype:
      class_label:
        names:
          '0': pear
          '1': plum
  - name: weight
    dtype: float64
  - name: note
    dtype: string
  - name: ripe
    dtype: bool
  - name: picked
    dtype: timestamp[ms]
- config_name: pictures
  features:
  - name: image
    dtype: image
  - name: place
    struct:
    - name: row
      dtype: int64
  - name: words
    list: string
---
# Fruit

Weighed by hand.
`;

/** A picture of 3 by 2 pixels: header and width and height are all that is looked at. */
const PICTURE = Buffer.alloc(24);
PICTURE.writeUInt32BE(3, 16);
PICTURE.writeUInt32BE(2, 20);

const FILES = {
  'README.md': CARD,
  'data/train.csv':
    'kind,weight,note,ripe,picked\n0,1.5,"round, sweet",true,2024-05-01T10:00:00Z\n1,,,False,2024-05-02T11:30:00.250Z\n',
  'test.jsonl': '{"kind":1,"weight":2,"note":"small","ripe":null,"picked":0}\n',
  'train.jsonl': `${JSON.stringify({
    image: { bytes: PICTURE.toString('base64'), path: 'a.png' },
    place: { row: 7 },
    words: ['a', 'b'],
  })}\n`,
};

let hub: HubStandIn;
beforeAll(async () => {
  hub = await HubStandIn.listen();
  hub.addRepo(datasetRepo({ id: 'acme/fruit', aliases: ['acme/old-fruit'] }, FILES));
  hub.addRepo(datasetRepo({ id: 'acme/gated', gated: 'manual' }, FILES));
  hub.addRepo(datasetRepo({ id: 'acme/own', isPrivate: true }, FILES));
  hub.addRepo(datasetRepo({ id: 'acme/pending', viewer: 'pending' }, { 'README.md': '# Soon' }));
  hub.addRepo(datasetRepo({ id: 'acme/off', viewer: 'disabled' }, { 'README.md': '# Off' }));
  hub.addRepo(datasetRepo({ id: 'acme/script', viewer: 'script' }, { 'README.md': '# Script' }));
  hub.addRepo(datasetRepo({ id: 'acme/empty' }, { 'README.md': '# Empty' }));
  hub.addRepo(datasetRepo({ id: 'acme/huge', claimsTimes: 1_000_000 }, FILES));
});
afterAll(() => hub.close());

interface Answer {
  status: number;
  code: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: answers of another service, looked into by each test
  body: any;
}

async function ask(address: string, token?: string): Promise<Answer> {
  const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
  const answer = await fetch(`${hub.url}${address}`, { headers });
  return { status: answer.status, code: answer.headers.get('X-Error-Code'), body: await answer.json() };
}

const ROWS = 'dataset=acme/fruit&config=default&split=train';

describe('the dataset viewer of the stand-in [S3]', () => {
  it.each([
    ['/is-valid?dataset=acme/fruit', 'preview viewer search filter statistics'],
    ['/splits?dataset=acme/fruit', 'splits pending failed splits.dataset splits.config splits.split'],
    ['/splits?dataset=acme/fruit&config=default', 'splits splits.dataset splits.config splits.split'],
    [
      '/parquet?dataset=acme/fruit',
      'parquet_files pending failed partial parquet_files.dataset parquet_files.config parquet_files.split parquet_files.url parquet_files.filename parquet_files.size',
    ],
    [
      `/first-rows?${ROWS}`,
      'dataset config split features rows truncated features.feature_idx features.name features.type rows.row_idx rows.row rows.truncated_cells',
    ],
    [
      `/rows?${ROWS}&offset=1&length=1`,
      'features rows num_rows_total num_rows_per_page partial features.feature_idx features.name features.type rows.row_idx rows.row rows.truncated_cells',
    ],
    [
      `/statistics?${ROWS}`,
      'num_examples statistics partial statistics.column_name statistics.column_type statistics.column_statistics',
    ],
    ['/info?dataset=acme/fruit', 'dataset_info pending failed partial dataset_info.default dataset_info.pictures'],
    ['/info?dataset=acme/fruit&config=pictures', 'dataset_info partial'],
    ['/size?dataset=acme/fruit', 'size pending failed partial size.dataset size.configs size.splits'],
    ['/size?dataset=acme/fruit&config=default', 'size partial size.config size.splits'],
  ])('%s has the documented keys', async (address, keys) => {
    const { status, body } = await ask(address);
    expect(status).toBe(200);
    for (const key of keys.split(' ')) {
      const [outer = '', inner] = key.split('.');
      const value = Array.isArray(body[outer]) && inner ? body[outer][0] : body[outer];
      expect(value, key).toBeDefined();
      if (inner) expect(Object.keys(value), key).toContain(inner);
    }
    const outer = keys.split(' ').filter((key) => !key.includes('.'));
    expect(Object.keys(body).sort()).toEqual(outer.sort());
  });

  it('shows rows with labels, times, gaps, records, lists and pictures', async () => {
    const first = await ask(`/first-rows?${ROWS}`);
    expect(first.body.rows.map((item: { row: object }) => item.row)).toEqual([
      { kind: 0, weight: 1.5, note: 'round, sweet', ripe: true, picked: '2024-05-01T10:00:00' },
      { kind: 1, weight: null, note: null, ripe: false, picked: '2024-05-02T11:30:00.250000' },
    ]);
    expect(first.body.features[0]).toEqual({
      feature_idx: 0,
      name: 'kind',
      type: { names: ['pear', 'plum'], _type: 'ClassLabel' },
    });
    const { body } = await ask('/rows?dataset=acme/fruit&config=pictures&split=train');
    const { image, ...others } = body.rows[0].row;
    expect(others).toEqual({ place: { row: 7 }, words: ['a', 'b'] });
    expect(image).toMatchObject({ height: 2, width: 3 });
    const picture = await fetch(image.src);
    expect(Buffer.from(await picture.arrayBuffer())).toEqual(PICTURE);
  });

  it('tells sizes and numbers of rows, also those that are only claimed', async () => {
    const { body } = await ask('/size?dataset=acme/fruit');
    expect(body.size.splits[0]).toMatchObject({ config: 'default', split: 'train', num_rows: 2, num_columns: 5 });
    expect(body.size.dataset.num_rows).toBe(4);
    const huge = await ask('/size?dataset=acme/huge');
    expect(huge.body).toMatchObject({ partial: true, size: { dataset: { num_rows: 4_000_000 } } });
    const files = await ask('/parquet?dataset=acme/huge');
    expect(files.body.parquet_files[0].size).toBeGreaterThan(10 ** 8);
  });

  it('gives converted files that are Parquet with the types of the columns', async () => {
    const { body } = await ask('/parquet?dataset=acme/fruit');
    const urls = (body.parquet_files as { url: string; size: number }[]).map(({ url }) => url);
    expect(urls[0]).toContain('/datasets/acme/fruit/resolve/refs%2Fconvert%2Fparquet/default/train/0000.parquet');
    const file = await (await fetch(urls[0]!)).arrayBuffer();
    expect(file.byteLength).toBe(body.parquet_files[0].size);
    expect(await parquetReadObjects({ file })).toEqual([
      { kind: 0n, weight: 1.5, note: 'round, sweet', ripe: true, picked: new Date('2024-05-01T10:00:00Z') },
      { kind: 1n, weight: null, note: null, ripe: false, picked: new Date('2024-05-02T11:30:00.250Z') },
    ]);
    const { value } = parquetMetadata(file).key_value_metadata![0]!;
    expect(JSON.parse(value!).info.features.picked).toEqual({ dtype: 'timestamp[ms]', _type: 'Value' });
    const pictures = await (await fetch(urls[2]!)).arrayBuffer();
    const [row] = await parquetReadObjects({ file: pictures, utf8: false });
    expect(row).toMatchObject({ image: { path: 'a.png' }, place: { row: 7n }, words: ['a', 'b'] });
    expect(Buffer.from(row!.image.bytes)).toEqual(PICTURE);
    const listed = await ask('/api/datasets/acme/fruit/parquet');
    const again = await (await fetch(listed.body.default.train[0])).arrayBuffer();
    expect(again).toEqual(file);
  });

  it('serves pictures as Parquet on the main branch too', async () => {
    const { body } = await ask('/api/datasets/acme/fruit/tree/main/data');
    const names = body.map(({ path }: { path: string }) => path).sort();
    expect(names).toEqual(['data/train-00000-of-00001.parquet', 'data/train.csv']);
  });

  it.each([
    ['/splits', 422, 'MissingRequiredParameter', "Parameter 'dataset' is required"],
    ['/first-rows?dataset=acme/fruit&config=default', 422, 'MissingRequiredParameter', 'are required'],
    ['/rows?dataset=acme/fruit&config=default', 422, 'MissingRequiredParameter', "Parameter 'split' is required"],
    [`/rows?${ROWS}&length=101`, 422, 'InvalidParameter', 'must not be greater than 100'],
    [`/rows?${ROWS}&offset=-1`, 422, 'InvalidParameter', "Parameter 'offset' must be positive"],
    [`/rows?${ROWS}&offset=x`, 422, 'InvalidParameter', "Parameter 'offset' must be integer"],
    ['/splits?dataset=acme/fruit&config=no', 404, 'ResponseNotFound', 'Not found.'],
    ['/first-rows?dataset=acme/fruit&config=default&split=no', 404, 'ResponseNotFound', 'Not found.'],
    ['/splits?dataset=acme/none', 401, 'ExternalUnauthenticatedError', 'does not exist, or is not accessible'],
    ['/splits?dataset=acme/gated', 401, 'ExternalUnauthenticatedError', 'does not exist, or is not accessible'],
    ['/splits?dataset=acme/own', 401, 'ExternalUnauthenticatedError', 'does not exist, or is not accessible'],
    ['/splits?dataset=acme/old-fruit', 404, 'RenamedDatasetError', 'has been renamed'],
    ['/splits?dataset=acme/pending', 500, 'ResponseNotReady', 'Please retry later.'],
    ['/size?dataset=acme/off', 501, 'NotSupportedDisabledViewerError', 'dataset viewer is disabled'],
    ['/info?dataset=acme/script', 501, 'DatasetWithScriptNotSupportedError', 'arbitrary Python code'],
    ['/parquet?dataset=acme/empty', 500, 'EmptyDatasetError', 'The dataset is empty.'],
  ])('%s is refused with %i %s', async (address, status, code, words) => {
    const answer = await ask(address);
    expect(answer).toMatchObject({ status, code });
    expect(answer.body.error).toContain(words);
  });

  it('does not tell a gated dataset from a missing one to those with a token either', async () => {
    const [gated, none] = await Promise.all(
      ['gated', 'none'].map((name) => ask(`/splits?dataset=acme/${name}`, 'hf_x')),
    );
    expect(gated).toMatchObject({ status: 404, code: 'ExternalAuthenticatedError' });
    expect(gated).toEqual(none);
    expect((await ask('/is-valid?dataset=acme/pending')).body).toMatchObject({ viewer: false, preview: false });
  });

  it('leaves out rows, then cuts cells, until an answer is small enough', async () => {
    const features = 'dataset_info:\n  features:\n  - name: text\n    dtype: string\n';
    const card = `---\nconfigs:\n- config_name: default\n  data_files:\n  - split: train\n    path: a.jsonl\n${features}---\n`;
    const line = `${JSON.stringify({ text: 'x'.repeat(300_000) })}\n`;
    const big = await HubStandIn.listen();
    big.addRepo(datasetRepo({ id: 'acme/long' }, { 'README.md': card, 'a.jsonl': line.repeat(30) }));
    const answer = await fetch(`${big.url}/first-rows?dataset=acme/long&config=default&split=train`);
    const { rows, truncated } = (await answer.json()) as { rows: { truncated_cells: string[] }[]; truncated: boolean };
    await big.close();
    expect(truncated).toBe(true);
    expect(rows).toHaveLength(10);
    expect(rows.filter((item) => item.truncated_cells.length > 0)).toHaveLength(7);
  });

  it('can be missing, as at a mirror', async () => {
    const mirror = await HubStandIn.listen({ hasViewer: false });
    mirror.addRepo(datasetRepo({ id: 'acme/fruit' }, FILES));
    const answer = await fetch(`${mirror.url}/splits?dataset=acme/fruit`);
    const info = await fetch(`${mirror.url}/api/datasets/acme/fruit`);
    await mirror.close();
    expect([answer.status, answer.headers.get('Content-Type'), info.status]).toEqual([404, 'text/html', 200]);
  });

  it('fails by address: once, always, slowly, and in the middle of an answer [B3]', async () => {
    const faulty = await HubStandIn.listen();
    faulty.addRepo(datasetRepo({ id: 'acme/fruit' }, FILES));
    const get = (address: string) => fetch(`${faulty.url}${address}`);
    faulty.failNext([HUB_FAULTS.rate_limit], /^\/splits/);
    faulty.failNext([HUB_FAULTS.cut, { delayMs: 5 }], /^\/size/);
    faulty.failAlways(HUB_FAULTS.not_ready, /^\/info/);
    const limited = await get('/splits?dataset=acme/fruit');
    expect([limited.status, limited.headers.get('Retry-After')]).toEqual([429, '1']);
    expect((await get('/splits?dataset=acme/fruit')).status).toBe(200);
    await expect(get('/size?dataset=acme/fruit').then((answer) => answer.text())).rejects.toThrow(/terminated/);
    expect((await get('/size?dataset=acme/fruit')).status).toBe(200);
    for (const _ of [1, 2]) {
      const answer = await get('/info?dataset=acme/fruit');
      expect([answer.status, answer.headers.get('X-Error-Code')]).toEqual([500, 'ResponseNotReady']);
    }
    await faulty.close();
  });

  it('fails at a rate, the same requests for the same seed', async () => {
    const seen = await Promise.all(
      [7, 7, 8].map(async (seed) => {
        const some = await HubStandIn.listen({ faults: { rates: { rate_limit: 0.3, server_error: 0.1 }, seed } });
        const statuses: number[] = [];
        for (let index = 0; index < 40; index++) statuses.push((await fetch(`${some.url}/api/datasets`)).status);
        await some.close();
        return statuses;
      }),
    );
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).not.toEqual(seen[2]);
    expect(new Set(seen[0])).toEqual(new Set([200, 429, 500]));
  });

  it('names what a card says wrong [B1]', () => {
    expect(() => datasetRepo({ id: 'a/b' }, { ...FILES, 'test.jsonl': undefined as never })).toThrow(
      'a/b: its card names test.jsonl, and there is no test.jsonl',
    );
    const odd = CARD.replace('dtype: bool', 'dtype: {audio: 1}');
    expect(() => datasetRepo({ id: 'a/b' }, { ...FILES, 'README.md': odd })).toThrow('ripe has a type');
  });
});
