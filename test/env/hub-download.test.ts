import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hubAccess } from '../../src/env/supplies/hub/hub-access.js';
import { downloadRepo, type HubDownload } from '../../src/env/supplies/hub/hub-download.js';
import { HubStore } from '../../src/env/supplies/hub/hub-store.js';
import { FlakyProxy } from '../../src/testing/flaky-proxy.js';
import type { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { accessTo, Heard, need, noise, standIn, stateDirectory } from './supplies-fixture.js';

const FILES = {
  'README.md': '# card\n',
  'data/train.bin': noise(300_000),
  'data/empty.txt': '',
  '.gitattributes': '*',
};
const LFS = ['data/train.bin'];

async function download(
  hub: Pick<HubStandIn, 'url'>,
  change: Partial<HubDownload> = {},
): Promise<HubDownload & { listener: Heard; stateDir: string }> {
  const stateDir = await stateDirectory();
  const listener = new Heard();
  const facts = { need: need('acme/pears'), access: accessTo(hub), maxBytes: 2 ** 30 };
  return { ...facts, store: new HubStore(stateDir), listener, stateDir, ...change } as never;
}

describe('a repository of the Hub [E4]', () => {
  it('is brought here at the commit of its branch, in the layout of a cache of the Hub', async () => {
    const hub = await standIn();
    const { commits } = hub.add({ type: 'dataset', id: 'acme/pears' }, { files: FILES, lfs: LFS });
    const job = await download(hub);
    const snapshot = await downloadRepo(job);
    const [{ sha } = { sha: '' }] = commits;
    expect(snapshot.record).toMatchObject({ repo: 'acme/pears', revision: sha, files: 3, bytes: 300_007 });
    const home = path.join(snapshot.hub, 'datasets--acme--pears');
    expect((await readdir(home, { recursive: true })).sort()).toEqual(
      [
        'blobs',
        'refs',
        'refs/main',
        'snapshots',
        `snapshots/${sha}`,
        `snapshots/${sha}/README.md`,
        `snapshots/${sha}/data`,
        `snapshots/${sha}/data/empty.txt`,
        `snapshots/${sha}/data/train.bin`,
      ].sort(),
    );
    expect(await readFile(path.join(home, 'refs/main'), 'utf8')).toBe(sha);
    const train = await readFile(path.join(home, 'snapshots', sha, 'data/train.bin'));
    expect(train.equals(FILES['data/train.bin'])).toBe(true);
    expect(await job.store.find(job.need)).toMatchObject({ record: { revision: sha } });
    expect(job.listener.bytes.at(-1)).toEqual([300_007, 300_007]);
  });

  it('stays at the commit that was recorded, until it is asked for again', async () => {
    const hub = await standIn();
    const repo = hub.add({ type: 'dataset', id: 'acme/pears' }, { files: FILES });
    const job = await download(hub);
    const before = await downloadRepo(job);
    const sha = repo.commit({ files: { 'README.md': 'new' } });
    expect(await job.store.find(job.need)).toMatchObject({ record: { revision: before.record.revision } });
    expect((await downloadRepo(job)).record.revision).toBe(sha);
    expect((await stat(before.hub)).isDirectory()).toBe(true);
    const old = { ...job, need: need('acme/pears', { revision: before.record.revision }) };
    expect((await downloadRepo(old)).record.revision).toBe(before.record.revision);
    expect(await job.store.find(job.need)).toMatchObject({ record: { revision: sha } });
  });

  it('is found by a name that the Hub redirects, and by the patterns of a need', async () => {
    const hub = await standIn();
    const facts = { type: 'dataset', id: 'acme/pears', aliases: ['pears'] } as const;
    hub.add(facts, { files: { 'a/x.csv': '1', 'b/y.csv': '2', 'README.md': 'r' } });
    const whole = await downloadRepo(await download(hub, { need: need('pears') }));
    expect(whole.record).toMatchObject({ repo: 'acme/pears', files: 3 });
    const part = await downloadRepo(await download(hub, { need: need('acme/pears', { files: ['a/*'] }) }));
    expect(part.record.files).toBe(2);
    expect(path.basename(part.directory)).not.toBe(path.basename(whole.directory));
  });

  it('leaves out of a model what other libraries load', async () => {
    const hub = await standIn();
    const names = ['config.json', 'model.safetensors', 'pytorch_model.bin', 'tf_model.h5', 'onnx/m.onnx', 'vocab.txt'];
    hub.add({ type: 'model', id: 'acme/bert' }, { files: Object.fromEntries(names.map((name) => [name, name])) });
    const snapshot = await downloadRepo(await download(hub, { need: need('acme/bert', { type: 'model' }) }));
    const at = path.join(snapshot.hub, snapshot.name, 'snapshots', snapshot.record.revision);
    expect((await readdir(at)).sort()).toEqual(['config.json', 'model.safetensors', 'vocab.txt']);
  });

  it('goes on where a cut connection ended', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/pears' }, { files: { 'train.bin': noise(8_000_000) } });
    const proxy = await FlakyProxy.listen({ port: hub.port });
    onTestFinished(() => proxy.close());
    const job = await download({ url: `http://127.0.0.1:${proxy.port}` });
    proxy.cutAfterReplyBytes(3_000_000);
    const snapshot = await downloadRepo(job);
    expect(snapshot.record.bytes).toBe(8_000_000);
    const ranges = hub.requests.filter(({ url }) => url.includes('/resolve/')).map(({ range }) => range ?? '');
    const resumed = ranges.map((range) => Number(/^bytes=(\d+)-7999999$/.exec(range)?.[1] ?? 0));
    expect(Math.max(...resumed)).toBeGreaterThan(0);
  });

  it('uses what an earlier process downloaded, and nothing that was damaged since', async () => {
    const hub = await standIn();
    const files = { 'a.bin': noise(1000, 'a'), 'b.bin': noise(1000, 'b'), 'c.bin': noise(1000, 'c') };
    const { commits } = hub.add({ type: 'dataset', id: 'acme/pears' }, { files });
    const job = await download(hub);
    const sha = commits[0]?.sha ?? '';
    const partial = path.join(job.store.home(job.need), `.partial-${sha}`);
    const at = path.join(partial, 'hub/datasets--acme--pears/snapshots', sha);
    await mkdir(at, { recursive: true });
    await writeFile(path.join(at, 'a.bin'), files['a.bin']);
    await writeFile(path.join(at, 'b.bin.part'), files['b.bin'].subarray(0, 400));
    await writeFile(path.join(at, 'c.bin.part'), noise(400, 'damaged'));
    const snapshot = await downloadRepo(job);
    const asked = hub.requests
      .filter(({ url }) => url.includes('/resolve/'))
      .map(({ url, range }) => `${url} ${range}`);
    expect(asked.filter((line) => line.includes('a.bin'))).toEqual([]);
    expect(asked.filter((line) => line.includes('b.bin')).at(-1)).toContain('bytes=400-999');
    const place = path.join(snapshot.hub, snapshot.name, 'snapshots', sha);
    for (const [name, contents] of Object.entries(files)) {
      expect((await readFile(path.join(place, name))).equals(contents)).toBe(true);
    }
  });

  it('is asked for again after answers that pass, and not after others', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/pears' }, { files: FILES });
    hub.failNext([{ status: 503 }, { status: 429, headers: { 'Retry-After': '1' } }, { status: 500 }]);
    expect((await downloadRepo(await download(hub))).record.files).toBe(3);
    hub.failNext([{ status: 400 }]);
    await expect(downloadRepo(await download(hub))).rejects.toThrow(/does not give dataset acme\/pears/);
  });

  it('is refused when it is larger than one may be, before anything is downloaded', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/pears' }, { files: FILES });
    await expect(downloadRepo(await download(hub, { maxBytes: 100_000 }))).rejects.toMatchObject({
      name: 'SupplyFault',
      message: 'The dataset acme/pears takes 0.3 MiB, more than the 0.1 MiB that one repository may.',
      remedy: expect.stringContaining('--max-gib'),
    });
    expect(hub.requests.filter(({ url }) => url.includes('/resolve/'))).toEqual([]);
  });

  it.each([
    [
      'that is not there',
      { id: 'acme/plums' },
      undefined,
      /no dataset acme\/pears that everybody may read/,
      /HF_TOKEN/,
    ],
    ['that is not there for a token', { id: 'acme/plums' }, 'hf_x', /no dataset acme\/pears: Repository/, /Correct/],
    ['that is private', { id: 'acme/pears', isPrivate: true }, undefined, /everybody may read/, /HF_TOKEN/],
    ['that is gated', { id: 'acme/pears', isGated: true }, 'hf_x', /gives no access to dataset/, /Ask for access/],
  ])('%s is told with what to do [B1]', async (_, facts, token, message, remedy) => {
    const hub = await standIn();
    hub.add({ type: 'dataset', ...facts }, { files: { 'x.txt': 'x' } });
    const job = await download(hub, { access: accessTo(hub, token) });
    const fault = await downloadRepo(job).catch((error: unknown) => error);
    expect(fault).toMatchObject({ name: 'SupplyFault' });
    expect((fault as Error).message).toMatch(message);
    expect((fault as { remedy: string }).remedy).toMatch(remedy);
    expect(await job.store.find(job.need)).toBeNull();
  });

  it('sends the token to the Hub, and not to the storage that it names [B5]', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/pears', isPrivate: true }, { files: FILES, lfs: LFS });
    await downloadRepo(await download(hub, { access: accessTo(hub, 'hf_secret') }));
    const isStorage = ({ url }: { url: string }) => url.includes('X-Amz-Signature');
    expect(hub.requests.filter(isStorage).length).toBeGreaterThan(0);
    expect(hub.requests.filter(isStorage).map(({ authorization }) => authorization)).not.toContain('Bearer hf_secret');
    expect(hub.requests.filter((request) => !isStorage(request)).every(({ authorization }) => authorization)).toBe(
      true,
    );
  });

  it('says that nobody answers, and where [B1]', async () => {
    const hub = await standIn();
    const job = await download(hub);
    await hub.close();
    await expect(downloadRepo(job)).rejects.toMatchObject({
      message: expect.stringContaining(`could not be downloaded from ${job.access.hubUrl}`),
      remedy: expect.stringContaining('HF_ENDPOINT'),
    });
  });

  it('is left when it is stopped, with what was downloaded', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/pears' }, { files: { 'a.txt': 'a', 'b.txt': 'b' } });
    const stop = new AbortController();
    const job = await download(hub, { signal: stop.signal });
    job.listener.onBytes = () => stop.abort(new Error('enough'));
    await expect(downloadRepo(job)).rejects.toThrow('enough');
    expect(await job.store.find(job.need)).toBeNull();
    const again = new Heard();
    await downloadRepo({ ...job, listener: again, signal: undefined as never });
    expect(again.bytes.at(-1)).toEqual([2, 2]);
  });
});

describe('how the Hub is reached [B1]', () => {
  const network = {
    hubUrl: 'https://hub.example',
    hubToken: undefined,
    viewerUrl: null,
    isOffline: false,
    pip: {},
    certificates: undefined,
    proxies: { http: undefined, https: undefined, no: undefined },
  };

  it('is told from the settings', async () => {
    expect(await hubAccess(network)).toMatchObject({ hubUrl: 'https://hub.example', fetch });
    await expect(hubAccess({ ...network, hubUrl: 'hub.example' })).rejects.toThrow(/HF_ENDPOINT/);
    await expect(hubAccess({ ...network, hubToken: 'secret' })).rejects.toThrow(/HF_TOKEN is no token/);
  });

  it('is asked nothing offline, and what to do is told', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/pears' }, { files: { 'a.txt': 'a' } });
    const access = await hubAccess({ ...network, hubUrl: hub.url, isOffline: true });
    const failed = downloadRepo(await download(hub, { access }));
    await expect(failed).rejects.toMatchObject({
      name: 'SupplyFault',
      remedy: expect.stringContaining('HF_HUB_OFFLINE'),
    });
  });

  it('goes over a proxy where one is named', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/pears' }, { files: { 'a.txt': 'a' } });
    const asked: string[] = [];
    const proxy = createServer().on('connect', (request, near) => {
      asked.push(request.url ?? '');
      const far = connect(hub.port, '127.0.0.1', () => near.write('HTTP/1.1 200 OK\r\n\r\n'));
      near.pipe(far).pipe(near);
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    onTestFinished(() => void proxy.close());
    const http = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const proxies = { http, https: undefined, no: undefined };
    const access = await hubAccess({ ...network, hubUrl: 'http://hub.invalid', proxies });
    const job = await download(hub, { access: { ...access, retryMs: 1 } });
    expect((await downloadRepo(job)).record.files).toBe(1);
    expect(new Set(asked)).toEqual(new Set(['hub.invalid:80']));
  });
});
