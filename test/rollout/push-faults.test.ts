import { describe, expect, it, onTestFinished } from 'vitest';
import { type PushJob, pushDataset } from '../../src/rollout/dataset/push/push-dataset.js';
import type { HubFault } from '../../src/testing/hub-stand-in/hub-fault.js';
import { HubStandIn, type HubStandInOptions } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { temporaryDirectory, writeDataset } from './pushed-dataset.js';

const TOKEN = 'hf_secret_of_ada';
const REPO = 'ada/pears';
const SHARDS = Object.fromEntries(Array.from({ length: 6 }, (_, index) => [`data/train-${index}.jsonl`, 2000 + index]));

async function push(hub: HubStandIn, more: Partial<PushJob> = {}, accessToken: string | undefined = TOKEN) {
  const directory = await temporaryDirectory();
  await writeDataset(directory, SHARDS);
  const notes: string[] = [];
  const listener = { onPart: () => undefined, onBytes: () => undefined, onNote: (text: string) => notes.push(text) };
  const job: PushJob = {
    directory,
    repo: REPO,
    isPublic: false,
    branch: 'main',
    message: 'Pears',
    maxCommitBytes: 4500,
    overwrite: false,
    isDryRun: false,
    access: { hubUrl: hub.url, accessToken, fetch, retryMs: 1 },
    listener,
    ...more,
  };
  return { report: await pushDataset(job), notes };
}

async function standIn(options: HubStandInOptions = {}): Promise<HubStandIn> {
  const accounts = [
    { token: TOKEN, user: 'ada', role: 'write' },
    { token: 'hf_reads', user: 'ada', role: 'read' },
    { token: 'hf_fine', user: 'ada', role: 'fineGrained', quotaBytes: 5000 },
  ] as const;
  const hub = await HubStandIn.listen({ accounts, ...options });
  onTestFinished(() => hub.close());
  return hub;
}

/** Whole: every shard there, no branch left, no shard sent twice. */
function expectWhole(hub: HubStandIn): void {
  const repo = hub.repo('dataset', REPO);
  expect([...(repo?.at('main')?.files.keys() ?? [])]).toEqual(
    expect.arrayContaining([...Object.keys(SHARDS), 'README.md']),
  );
  expect(repo?.heads).toEqual(['main']);
  const sent = hub.uploads.map(({ oid, part }) => `${oid} ${part}`);
  expect(new Set(sent).size).toBe(sent.length);
}

describe('a push over a Hub that fails [T5] [B3]', () => {
  const places: [string, RegExp][] = [
    ['a question', /\/revision\//],
    ['a listing', /\/tree\//],
    ['the making of the repository', /repos\/create/],
    ['the making of a branch', /\/branch\//],
    ['a preupload', /\/preupload\//],
    ['a batch', /objects\/batch/],
    ['an upload', /^\/large-files\//],
    ['a commit', /\/commit\//],
  ];
  const faults: [string, HubFault][] = [
    ['refused for its rate', { status: 429, headers: { 'Retry-After': '0' } }],
    ['an error of the server', { status: 500, body: '{"error":"Internal Error"}' }],
    ['a page in HTML', { status: 503, headers: { 'Content-Type': 'text/html' }, body: '<html></html>' }],
    ['an answer that is cut', { isCut: true }],
    ['a request that is cut', { cutsUpload: true }],
  ];
  for (const [fault, how] of faults) {
    for (const [place, address] of places) {
      it(`gets over ${fault}: ${place}`, async () => {
        const hub = await standIn();
        hub.failNext([how, how], address);
        await push(hub);
        expectWhole(hub);
      });
    }
  }

  it('comes to its end although a tenth of all requests fail', async () => {
    const hub = await standIn({
      partBytes: 700,
      faults: { rates: { server_error: 0.04, cut: 0.03, cut_upload: 0.03 }, seed: 11 },
    });
    await push(hub);
    const repo = hub.repo('dataset', REPO);
    expect([...(repo?.at('main')?.files.keys() ?? [])]).toEqual(expect.arrayContaining(Object.keys(SHARDS)));
  });

  it('waits as long as it is asked to', async () => {
    const hub = await standIn();
    hub.failNext([{ status: 429, headers: { 'Retry-After': '1' } }], /\/preupload\//);
    const { notes } = await push(hub);
    expect(notes).toEqual(['the Hub answers 429, goes on in 1 s']);
  });

  it('goes on when others commit in between, and deletes nothing of theirs', async () => {
    const hub = await standIn();
    await push(hub);
    const repo = hub.repo('dataset', REPO);
    let isFirst = true;
    const meddling: typeof fetch = async (input, init) => {
      if (String(input).endsWith('/commit/main') && isFirst) {
        isFirst = false;
        repo?.commit({ files: { 'other.txt': 'theirs', 'manifest.json': '{"files":[]}' }, title: 'theirs' });
      }
      return fetch(input, init);
    };
    const access = { hubUrl: hub.url, accessToken: TOKEN, fetch: meddling, retryMs: 1 };
    repo?.commit({ files: { 'manifest.json': '{"files":[]}' }, title: 'emptied' });
    await push(hub, { access });
    expect(repo?.commits.map(({ title }) => title).slice(-2)).toEqual(['theirs', 'Pears']);
    expect([...(repo?.at('main')?.files.keys() ?? [])]).toEqual(
      expect.arrayContaining(['other.txt', ...Object.keys(SHARDS)]),
    );
  });

  it('says what is wrong with a token, a name, a quota, and never the token', async () => {
    const hub = await standIn();
    const cases: [Partial<PushJob>, string | undefined, RegExp][] = [
      [{}, 'hf_unknown', /does not know HF_TOKEN: Invalid credentials in Authorization header/],
      [{}, 'hf_reads', /HF_TOKEN may only read/],
      [{}, '', /HF_TOKEN/],
      [{ repo: 'bob/pears' }, TOKEN, /HF_TOKEN may not write to the dataset bob\/pears: You don't have the rights/],
      [{}, 'hf_fine', /HF_TOKEN may not write.*storage limit reached/],
    ];
    for (const [more, token, message] of cases) {
      const failed = await push(hub, more, token).catch((error: unknown) => error);
      expect(failed).toMatchObject({ name: 'RunError', message: expect.stringMatching(message) });
      expect(`${failed} ${(failed as { remedy: string }).remedy}`).not.toMatch(/hf_(?:unknown|reads|fine|secret)/);
    }
    hub.failAlways({ status: 413, body: `{"error":"Payload too large for ${TOKEN}"}` }, /\/commit\//);
    await expect(push(hub)).rejects.toMatchObject({
      message: `A commit to ${REPO} is too large: Payload too large for …`,
    });
  });

  it('gives up on a Hub that does not come back', async () => {
    const hub = await standIn();
    hub.failAlways({ status: 502 }, /\/tree\//);
    await expect(push(hub)).rejects.toThrow(/does not take the dataset ada\/pears \(status 502\)/);
    const gone = await HubStandIn.listen();
    await gone.close();
    const access = { hubUrl: 'http://127.0.0.1:9', accessToken: TOKEN, fetch, retryMs: 1 };
    await expect(push(hub, { access })).rejects.toThrow(/http:\/\/127\.0\.0\.1:9 cannot be reached/);
  });

  it('stops at a signal, and goes on later', async () => {
    const hub = await standIn();
    const stop = new AbortController();
    const stopping: typeof fetch = async (input, init) => {
      if (hub.uploads.length >= 3) stop.abort(new Error('enough'));
      return fetch(input, init);
    };
    const access = { hubUrl: hub.url, accessToken: TOKEN, fetch: stopping, retryMs: 1 };
    await expect(push(hub, { access, signal: stop.signal })).rejects.toThrow('enough');
    expect(hub.repo('dataset', REPO)?.commits).toHaveLength(1);
    await push(hub);
    expectWhole(hub);
  });
});
