import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askedPauseMs } from '../../src/synth/grounding/hub/patient-fetch.js';
import { StageFault } from '../../src/synth/stage.js';
import { FlakyProxy } from '../../src/testing/flaky-proxy.js';
import { HUB_FAULTS } from '../../src/testing/hub-stand-in/hub-fault.js';
import { noise } from '../env/supplies-fixture.js';
import { clientOf, ownDirectory, shippedHub } from './grounding-fixture.js';

const { signal } = new AbortController();
const PENGUINS = 'palmer-station/penguins';

describe('an address of the Hub with a password', () => {
  it('is refused before anything is asked, and said nowhere [B1] [B5]', async () => {
    const directory = await ownDirectory();
    const at = (url: string, viewerUrl: string) => clientOf(url, directory, { viewerUrl });
    const [plain, secret] = ['http://127.0.0.1:9', 'http://me:hunter22@127.0.0.1:9'];
    await expect(at(secret, plain)).rejects.toThrow(/^(?!.*hunter22)HF_ENDPOINT holds a name or a password/);
    await expect(at(plain, secret)).rejects.toThrow(/^(?!.*hunter22)GYMSMITH_HUB_VIEWER holds a name or a password/);
  });
});

describe('the Hub as grounding asks it', () => {
  it('tells of a dataset by its name, and by a name that it had before [S3]', async () => {
    const server = await shippedHub();
    const hub = await clientOf(server.url, await ownDirectory());
    const known = await hub.dataset(PENGUINS, signal);
    expect(known).toMatchObject({ repo: PENGUINS, isGated: false, isDisabled: false, licence: 'cc0-1.0' });
    expect(known?.commit).toMatch(/^[0-9a-f]{40}$/);
    expect(await hub.dataset('penguins', signal)).toMatchObject({ repo: PENGUINS });
  });

  it.each([
    ['palmer-station/no-such-birds', null],
    ['acme-internal/customer-churn', null],
    ['a name with spaces', null],
    ['../../etc/passwd', null],
    ['..', null],
    ['clinic-archive/fundus-photographs', { isGated: true }],
    ['speech-collective/short-commands', { isGated: true }],
    ['lost-and-found/handwritten-letters', { isDisabled: true }],
  ])('tells of %s what may be known of it [S3] [B3]', async (id, expected) => {
    const server = await shippedHub();
    const hub = await clientOf(server.url, await ownDirectory());
    const known = await hub.dataset(id, signal);
    if (expected === null) expect(known).toBeNull();
    else expect(known).toMatchObject(expected);
  });

  it('hears in a header why the Hub refuses [B3]', async () => {
    const server = await shippedHub();
    const hub = await clientOf(server.url, await ownDirectory());
    const headers = { 'X-Error-Message': 'Access to this resource is disabled.' };
    server.failNext([{ status: 403, headers, body: '{}' }], /api/);
    expect(await hub.dataset(PENGUINS, signal)).toMatchObject({ isDisabled: true });
  });

  it('sees with a token what is private [B3]', async () => {
    const server = await shippedHub();
    const hub = await clientOf(server.url, await ownDirectory(), { hubToken: 'hf_token' });
    expect(await hub.dataset('acme-internal/customer-churn', signal)).toMatchObject({ isGated: false });
    expect(server.requests.at(-1)?.authorization).toBe('Bearer hf_token');
  });

  it('searches, and shows splits, columns, rows and files at the commit of the converted branch [S3]', async () => {
    const server = await shippedHub();
    const directory = await ownDirectory();
    const hub = await clientOf(server.url, directory);
    const found = await hub.search('penguins', signal);
    expect(found.map(({ repo }) => repo)).toContain(PENGUINS);
    expect(await hub.splits(PENGUINS, signal)).toEqual([
      { config: 'default', split: 'train', rows: 344, bytes: expect.any(Number) },
    ]);
    const seen = await hub.firstRows(PENGUINS, 'default', 'train', signal);
    expect(seen?.features).toContainEqual({ name: 'bill_length_mm', type: 'float64' });
    expect(seen?.rows[0]).toMatchObject({ species: 'Adelie', bill_length_mm: 39.1 });
    const files = await hub.dataFiles(PENGUINS, signal);
    expect(files).toMatchObject([{ config: 'default', split: 'train', path: 'default/train/0000.parquet' }]);
    const [local = ''] = await hub.download(PENGUINS, files, { maxBytes: 2 ** 20, signal });
    expect(local.startsWith(path.join(directory, 'cache'))).toBe(true);
    expect((await readFile(local)).subarray(0, 4).toString()).toBe('PAR1');
    const asked = server.requests.map(({ url }) => url).filter((url) => url.includes('/resolve/'));
    expect(asked.every((url) => url.includes(`/resolve/${files[0]?.revision}/`))).toBe(true);
  });

  it('names the classes of a label, and shows pictures without the address that ends soon [S3]', async () => {
    const server = await shippedHub();
    const hub = await clientOf(server.url, await ownDirectory());
    const seen = await hub.firstRows('open-textures/surface-patches', 'default', 'train', signal);
    expect(seen?.features).toContainEqual({ name: 'label', type: 'ClassLabel(3)', class_names: expect.any(Array) });
    expect(seen?.features).toContainEqual({ name: 'image', type: 'Image' });
    expect(JSON.stringify(seen?.rows)).not.toContain('http');
  });

  it.each([
    ['a limit of requests', [HUB_FAULTS.rate_limit]],
    ['errors of the server', [HUB_FAULTS.server_error, HUB_FAULTS.html]],
    ['a cut answer', [HUB_FAULTS.cut]],
    ['an answer that is not ready', [HUB_FAULTS.not_ready, HUB_FAULTS.not_ready]],
  ])('asks again after %s [B3]', async (_, faults) => {
    const server = await shippedHub();
    const hub = await clientOf(server.url, await ownDirectory());
    server.failNext(faults, /first-rows/);
    expect((await hub.firstRows(PENGUINS, 'default', 'train', signal))?.rows.length).toBeGreaterThan(0);
    server.failNext(faults, /api\/datasets/);
    expect(await hub.dataset(PENGUINS, signal)).toMatchObject({ repo: PENGUINS });
  });

  it('waits as long as a server asks for [B3]', () => {
    const now = Date.UTC(2026, 0, 1);
    expect(askedPauseMs(new Headers({ 'retry-after': '7' }), now)).toBe(7000);
    expect(askedPauseMs(new Headers({ 'retry-after': new Date(now + 9000).toUTCString() }), now)).toBe(9000);
    expect(askedPauseMs(new Headers({ ratelimit: '"api";r=0;t=42' }), now)).toBe(42_000);
    expect(askedPauseMs(new Headers(), now)).toBeNull();
  });

  it('faults, to be tried later, when the Hub goes on failing or a viewer has no answer yet [B3]', async () => {
    const server = await shippedHub();
    const directory = await ownDirectory();
    const hub = await clientOf(server.url, directory);
    const pending = hub.splits('new-here/just-uploaded', signal);
    await expect(pending).rejects.toMatchObject({ name: 'StageFault', reason: 'hub_unavailable', isFatal: false });
    server.failAlways({ status: 502 }, /api\/datasets/);
    await expect(hub.dataset(PENGUINS, signal)).rejects.toBeInstanceOf(StageFault);
    const gone = await clientOf('http://127.0.0.1:9', directory);
    await expect(gone.dataset(PENGUINS, signal)).rejects.toMatchObject({ reason: 'hub_unavailable' });
  });

  it('faults for all candidates when the token is unknown [B3]', async () => {
    const server = await shippedHub();
    const hub = await clientOf(server.url, await ownDirectory(), { hubToken: 'hf_wrong' });
    server.failAlways({ status: 401, body: '{"error":"Invalid credentials in Authorization header"}' }, /^/);
    await expect(hub.dataset(PENGUINS, signal)).rejects.toMatchObject({ reason: 'hub_unavailable', isFatal: true });
  });

  it.each(['legacy-loaders/scripted-corpus', 'quiet-owner/no-preview', 'new-here/empty-shelf'])(
    'says that %s shows no rows [S3]',
    async (repo) => {
      const server = await shippedHub();
      const hub = await clientOf(server.url, await ownDirectory());
      expect(await hub.splits(repo, signal)).toEqual([]);
      expect(await hub.dataFiles(repo, signal)).toEqual([]);
      expect(await hub.firstRows(repo, 'default', 'train', signal)).toBeNull();
    },
  );

  it('falls back to slices of rows where the first rows cannot be shown [S3]', async () => {
    const server = await shippedHub();
    const hub = await clientOf(server.url, await ownDirectory());
    server.failNext([{ status: 500, headers: { 'X-Error-Code': 'TooBigContentError' } }], /first-rows/);
    expect((await hub.firstRows(PENGUINS, 'default', 'train', signal))?.rows).toHaveLength(20);
  });

  it('asks nothing twice: what the journal holds is the answer [S8]', async () => {
    const server = await shippedHub();
    const directory = await ownDirectory();
    const ask = async () => {
      const hub = await clientOf(server.url, directory);
      return [
        await hub.dataset(PENGUINS, signal),
        await hub.dataset('no/such', signal),
        await hub.search('weather of a day', signal),
        await hub.splits(PENGUINS, signal),
        await hub.firstRows(PENGUINS, 'default', 'train', signal),
        await hub.dataFiles(PENGUINS, signal),
        await hub.download(PENGUINS, await hub.dataFiles(PENGUINS, signal), { maxBytes: 2 ** 20, signal }),
      ];
    };
    const first = await ask();
    const asked = server.requests.length;
    expect(await ask()).toEqual(first);
    expect(server.requests.length).toBe(asked);
  });

  it('works without a network from what earlier runs left, and says what is missing [B3]', async () => {
    const server = await shippedHub();
    const directory = await ownDirectory();
    const online = await clientOf(server.url, directory);
    const known = await online.dataset(PENGUINS, signal);
    const files = await online.dataFiles(PENGUINS, signal);
    const paths = await online.download(PENGUINS, files, { maxBytes: 2 ** 20, signal });
    const asked = server.requests.length;
    const offline = await clientOf(server.url, directory, { isOffline: true, journal: 'other' });
    expect(await offline.dataset(PENGUINS, signal)).toEqual(known);
    expect(
      await offline.download(PENGUINS, await offline.dataFiles(PENGUINS, signal), { maxBytes: 1, signal }),
    ).toEqual(paths);
    await expect(offline.dataset('uci-archive/wine-cultivars', signal)).rejects.toThrow(/HF_HUB_OFFLINE is set/);
    const elsewhere = [{ config: 'a', split: 'b', revision: 'f'.repeat(40), path: 'x.csv', bytes: 1 }];
    await expect(offline.download(PENGUINS, elsewhere, { maxBytes: 1, signal })).rejects.toThrow(
      /HF_HUB_OFFLINE is set/,
    );
    expect(server.requests.length).toBe(asked);
  });

  it('reads the files of a mirror that has no viewer, by the card and by names [B3]', async () => {
    const server = await shippedHub({ hasViewer: false });
    server.add(
      { type: 'dataset', id: 'acme/pears' },
      {
        files: {
          'data/test-0.csv': 'a,b\n1,2\n',
          'data/train-0.csv': 'a,b\n1,"x, y"\n',
          'README.md': '',
          'z.jsonl': '{}',
        },
      },
    );
    const hub = await clientOf(server.url, await ownDirectory(), { viewerUrl: null });
    expect((await hub.splits('acme/pears', signal)).map(({ split }) => split).sort()).toEqual(['test', 'train']);
    expect(await hub.firstRows('acme/pears', 'default', 'train', signal)).toEqual({
      features: [
        { name: 'a', type: 'int64' },
        { name: 'b', type: 'string' },
      ],
      rows: [{ a: '1', b: 'x, y' }],
    });
    const series = await hub.splits('statsmodels-archive/univariate-series', signal);
    expect(series.map(({ config }) => config).sort()).toEqual(['co2', 'nile', 'sunspots']);
    const wine = await hub.firstRows('uci-archive/wine-cultivars', 'default', 'train', signal);
    expect(wine?.features.at(-1)).toMatchObject({
      type: 'ClassLabel(3)',
      class_names: expect.arrayContaining(['barolo']),
    });
    const images = await hub.firstRows('open-textures/surface-patches', 'default', 'train', signal);
    expect(images?.features).toContainEqual({ name: 'image', type: 'Image' });
    expect(await hub.firstRows('acme/pears', 'default', 'none', signal)).toBeNull();
  });
});

describe('files of datasets', () => {
  const facts = { config: 'default', split: 'train', path: 'big.csv' };

  it('go on where a cut download ended, and are there once for two that want them at once [B3] [S8]', async () => {
    const server = await shippedHub();
    const contents = noise(8_000_000);
    const repo = server.add({ type: 'dataset', id: 'acme/big' }, { files: { 'big.csv': contents } });
    const proxy = await FlakyProxy.listen({ port: server.port });
    onTestFinished(() => proxy.close());
    const directory = await ownDirectory();
    const url = `http://127.0.0.1:${proxy.port}`;
    const [one, other] = [await clientOf(url, directory), await clientOf(url, directory, { journal: 'other' })];
    const files = [{ ...facts, revision: repo.commits[0]?.sha ?? '', bytes: contents.length }];
    proxy.cutAfterReplyBytes(3_000_000);
    const both = await Promise.all(
      [one, other].map((hub) => hub.download('acme/big', files, { maxBytes: 2 ** 30, signal })),
    );
    expect(both[0]).toEqual(both[1]);
    expect((await readFile(both[0]?.[0] ?? '')).equals(contents)).toBe(true);
    const whole = server.requests.filter(
      ({ url: asked, range }) => asked.includes('/resolve/') && /^bytes=0-7999999$/.test(range ?? ''),
    );
    expect(whole.length).toBeLessThanOrEqual(1);
  });

  it('are not downloaded when they are larger than may be [B3]', async () => {
    const server = await shippedHub();
    const repo = server.add({ type: 'dataset', id: 'acme/big' }, { files: { 'big.csv': noise(100_000) } });
    const hub = await clientOf(server.url, await ownDirectory());
    const files = [{ ...facts, revision: repo.commits[0]?.sha ?? '', bytes: 100_000 }];
    // Whatever a viewer said of its size, asking again would not make it smaller.
    const lied = files.map((file) => ({ ...file, bytes: 1 }));
    await expect(hub.download('acme/big', lied, { maxBytes: 50_000, signal })).rejects.toMatchObject({
      name: 'DataFault',
      message: expect.stringMatching(/more than the 0.0 MiB/),
    });
    expect(server.requests.some(({ url }) => url.includes('/resolve/'))).toBe(false);
  });

  it('are those of the repository, whatever a viewer calls one [B3]', async () => {
    const server = await shippedHub();
    const repo = server.add({ type: 'dataset', id: 'acme/odd' }, { files: { 'README.md': 'a card' } });
    const hub = await clientOf(server.url, await ownDirectory());
    for (const place of ['../../../../../../../etc/passwd', 'not/there.parquet', '']) {
      const files = [{ ...facts, revision: repo.commits[0]?.sha ?? '', path: place, bytes: 1 }];
      const asked = hub.download('acme/odd', files, { maxBytes: 2 ** 20, signal });
      await expect(asked).rejects.toMatchObject({
        reason: 'hub_unavailable',
        message: expect.stringMatching(/does not have/),
      });
    }
  });
});
