import { createHash } from 'node:crypto';
import {
  commit,
  createBranch,
  createRepo,
  datasetInfo,
  deleteBranch,
  deleteFiles,
  deleteRepo,
  downloadFile,
  listCommits,
  listFiles,
  repoExists,
  uploadFiles,
  whoAmI,
} from '@huggingface/hub';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HubStandIn, type HubStandInOptions } from '../../src/testing/hub-stand-in/hub-stand-in.js';

const TOKEN = 'hf_writes';
const REPO = { type: 'dataset', name: 'ada/pears' } as const;
const ACCOUNTS = [
  { token: TOKEN, user: 'ada', orgs: ['orchard'], role: 'write' },
  { token: 'hf_reads', user: 'ada', role: 'read' },
  { token: 'hf_other', user: 'bob', role: 'write' },
] as const;

async function standIn(options: HubStandInOptions = {}): Promise<HubStandIn> {
  const hub = await HubStandIn.listen({ accounts: ACCOUNTS, ...options });
  onTestFinished(() => hub.close());
  return hub;
}

/** A Hub with an empty private dataset, and what calls of the library need. */
async function pears(options: HubStandInOptions = {}) {
  const hub = await standIn(options);
  const own = { hubUrl: hub.url, accessToken: TOKEN, repo: REPO };
  await createRepo({ ...own, visibility: 'private' });
  return { hub, own };
}

function file(path: string, contents: string | Uint8Array<ArrayBuffer>) {
  return { path, content: new Blob([contents]) };
}

async function pathsOf(own: Parameters<typeof listFiles>[0]): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of listFiles({ recursive: true, ...own })) if (entry.type === 'file') found.push(entry.path);
  return found;
}

const rows = (seed: number) => new Uint8Array(Array.from({ length: 3000 }, (_, index) => (index * seed) % 251));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe("writing to the Hub's stand-in with the Hub's library [T5] [B3]", () => {
  it('tells who a token belongs to and what it may do', async () => {
    const hub = await standIn();
    const told = await whoAmI({ hubUrl: hub.url, accessToken: 'hf_reads' });
    expect(told).toMatchObject({ type: 'user', name: 'ada', auth: { accessToken: { role: 'read' } } });
    const of = (accessToken: string) => whoAmI({ hubUrl: hub.url, accessToken });
    expect(await of(TOKEN)).toMatchObject({ orgs: [{ name: 'orchard' }] });
    await expect(of('hf_unknown')).rejects.toMatchObject({
      statusCode: 401,
      message: expect.stringContaining('Invalid credentials in Authorization header'),
    });
  });

  it('makes repositories, private ones seen by their owner alone', async () => {
    const { hub, own } = await pears();
    expect(await datasetInfo({ ...own, name: REPO.name })).toMatchObject({ private: true });
    await expect(createRepo(own)).rejects.toMatchObject({ statusCode: 409 });
    expect(await repoExists({ ...own, accessToken: 'hf_other' })).toBe(false);
    expect(await repoExists({ hubUrl: hub.url, repo: REPO })).toBe(false);
    expect(await pathsOf(own)).toEqual(['.gitattributes']);
    await createRepo({ ...own, repo: { type: 'dataset', name: 'orchard/plums' } });
    expect(await datasetInfo({ hubUrl: hub.url, name: 'orchard/plums' })).toMatchObject({ private: false });
    await deleteRepo({ ...own, repo: { type: 'dataset', name: 'orchard/plums' } });
    expect(await repoExists({ ...own, repo: { type: 'dataset', name: 'orchard/plums' } })).toBe(false);
  });

  it('refuses tokens that may only read, and those of others', async () => {
    const { own } = await pears();
    const files = [file('a.txt', 'a')];
    const refused = (accessToken: string) => uploadFiles({ ...own, accessToken, files });
    await expect(refused('hf_reads')).rejects.toMatchObject({ statusCode: 403 });
    await expect(refused('hf_unknown')).rejects.toMatchObject({ statusCode: 401 });
    await expect(refused('hf_other')).rejects.toMatchObject({ statusCode: 404 });
    const elsewhere = { ...own, repo: { type: 'dataset', name: 'bob/pears' } as const };
    await expect(createRepo(elsewhere)).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining("You don't have the rights to create a dataset under the namespace"),
    });
  });

  it('takes text as it is and large files into its storage, each once', async () => {
    const { hub, own } = await pears();
    const files = [file('README.md', '# Pears'), file('data/0.parquet', rows(3))];
    const made = await uploadFiles({ ...own, files, commitTitle: 'First' });
    expect(await datasetInfo({ ...own, name: REPO.name, additionalFields: ['sha'] })).toMatchObject({
      sha: made?.commit.oid,
    });
    expect(hub.uploads).toEqual([{ repo: REPO.name, oid: sha256(rows(3)), bytes: 3000, part: null }]);
    const entries: object[] = [];
    for await (const entry of listFiles({ ...own, recursive: true })) entries.push(entry);
    expect(entries).toContainEqual(
      expect.objectContaining({ path: 'data/0.parquet', lfs: expect.objectContaining({ oid: sha256(rows(3)) }) }),
    );
    const blob = await downloadFile({ ...own, path: 'data/0.parquet' });
    expect(new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer())).toEqual(rows(3));
    await uploadFiles({ ...own, files: [file('again.parquet', rows(3))] });
    expect(hub.uploads).toHaveLength(1);
    const titles: string[] = [];
    for await (const { title } of listCommits(own)) titles.push(title);
    expect(titles).toEqual(['Add 1 files', 'First', 'initial commit']);
  });

  it('takes large files in parts, and puts them together', async () => {
    const { hub, own } = await pears({ partBytes: 1024 });
    await uploadFiles({ ...own, files: [file('data/0.parquet', rows(7))] });
    expect(hub.uploads.map(({ part, bytes }) => [part, bytes]).sort()).toEqual([
      [1, 1024],
      [2, 1024],
      [3, 952],
    ]);
    const stored = hub.repo('dataset', REPO.name)?.at('main')?.files.get('data/0.parquet');
    expect(stored?.lfs?.oid).toBe(sha256(rows(7)));
  });

  it('keeps what .gitattributes says in large-file storage, also when it comes with the commit', async () => {
    const { hub, own } = await pears();
    const line = 'data/** filter=lfs diff=lfs merge=lfs -text\n';
    await uploadFiles({
      ...own,
      files: [file('.gitattributes', line), file('data/0.jsonl', '{}\n'), file('b.jsonl', '{}')],
    });
    const files = hub.repo('dataset', REPO.name)?.at('main')?.files;
    expect(files?.get('data/0.jsonl')?.lfs).toBeTruthy();
    expect(files?.get('b.jsonl')?.lfs).toBeNull();
    await uploadFiles({ ...own, files: [file('odd.bin.dat', new Uint8Array([0, 1]))] });
    const attributes = hub.repo('dataset', REPO.name)?.at('main')?.files.get('.gitattributes')?.contents;
    expect(new TextDecoder().decode(attributes)).toBe(`${line}odd.bin.dat filter=lfs diff=lfs merge=lfs -text\n`);
  });

  it('refuses a commit whose parent is no longer the last one', async () => {
    const { own } = await pears();
    const { sha: parentCommit } = await datasetInfo({ ...own, name: REPO.name, additionalFields: ['sha'] });
    const once = () =>
      commit({
        ...own,
        title: 'One',
        parentCommit,
        operations: [{ operation: 'addOrUpdate', path: 'a', content: new Blob(['a']) }],
      });
    await once();
    await expect(once()).rejects.toMatchObject({ statusCode: 412 });
    expect(await pathsOf(own)).toEqual(['.gitattributes', 'a']);
  });

  it('deletes files; those that are not there are a fault', async () => {
    const { own } = await pears();
    await uploadFiles({ ...own, files: [file('a', 'a'), file('b', 'b')] });
    await deleteFiles({ ...own, paths: ['a'] });
    expect(await pathsOf(own)).toEqual(['.gitattributes', 'b']);
    await expect(deleteFiles({ ...own, paths: ['a'] })).rejects.toMatchObject({ statusCode: 404 });
  });

  it('has branches: their commits are not those of main, their large files are', async () => {
    const { hub, own } = await pears();
    await createBranch({ ...own, branch: 'next/one' });
    await expect(createBranch({ ...own, branch: 'next/one' })).rejects.toMatchObject({ statusCode: 409 });
    await uploadFiles({ ...own, branch: 'next/one', files: [file('data/0.parquet', rows(5))] });
    expect(await pathsOf(own)).toEqual(['.gitattributes']);
    expect(await pathsOf({ ...own, revision: encodeURIComponent('next/one') })).toContain('data/0.parquet');
    const refs = await fetch(`${hub.url}/api/datasets/${REPO.name}/refs`, {
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    expect(await refs.json()).toMatchObject({ branches: [{ name: 'main' }, { name: 'next/one' }] });
    await deleteBranch({ ...own, branch: 'next/one' });
    await uploadFiles({ ...own, files: [file('data/1.parquet', rows(5))] });
    expect(hub.uploads).toHaveLength(1);
    await createBranch({ ...own, branch: 'bare', empty: true });
    expect(await pathsOf({ ...own, revision: 'bare' })).toEqual(['.gitattributes']);
    await expect(uploadFiles({ ...own, branch: 'none', files: [file('a', 'a')] })).rejects.toMatchObject({
      statusCode: 404,
    });
    await expect(deleteBranch({ ...own, branch: 'main' })).rejects.toMatchObject({ statusCode: 403 });
  });

  it('refuses what is too large: a commit, and private files beyond the quota', async () => {
    const accounts = [{ token: TOKEN, user: 'ada', role: 'fineGrained', quotaBytes: 4000 }] as const;
    const { own } = await pears({ accounts, maxCommitBytes: 2000 });
    await expect(uploadFiles({ ...own, files: [file('a.txt', 'x'.repeat(3000))] })).rejects.toMatchObject({
      statusCode: 413,
    });
    await uploadFiles({ ...own, files: [file('0.parquet', rows(3))] });
    await expect(uploadFiles({ ...own, files: [file('1.parquet', rows(5))] })).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining('storage limit reached'),
    });
  });

  it('fails as it is told to: an upload cut in its middle, an answer cut after the commit', async () => {
    const { hub, own } = await pears();
    const files = [file('0.parquet', rows(3))];
    hub.failNext([{ cutsUpload: true }], /^\/large-files\//);
    await expect(uploadFiles({ ...own, files })).rejects.toThrow();
    expect(hub.uploads).toEqual([]);
    hub.failNext([{ isCut: true }], /\/commit\//);
    await expect(uploadFiles({ ...own, files })).rejects.toThrow();
    expect(await pathsOf(own)).toContain('0.parquet');
    hub.failNext([{ status: 503 }], /objects\/batch/);
    await expect(uploadFiles({ ...own, files })).rejects.toMatchObject({ statusCode: 503 });
    expect(hub.uploads).toHaveLength(1);
  });

  it('refuses contents that are not what was announced', async () => {
    const { hub, own } = await pears();
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/vnd.git-lfs+json' };
    const git = `${hub.url}/datasets/${REPO.name}.git/info/lfs/objects`;
    const object = { oid: sha256(rows(3)), size: 3000 };
    const body = JSON.stringify({ operation: 'upload', transfers: ['basic'], objects: [object] });
    const batch = (await (await fetch(`${git}/batch`, { method: 'POST', headers, body })).json()) as {
      objects: { actions: { upload: { href: string }; verify: { href: string } } }[];
    };
    const { upload, verify } = batch.objects[0]?.actions ?? {};
    const put = async (bytes: Uint8Array<ArrayBuffer>, more = {}) =>
      (await fetch(upload?.href ?? '', { method: 'PUT', body: bytes, headers: more })).status;
    const check = async () =>
      (await fetch(verify?.href ?? '', { method: 'POST', headers, body: JSON.stringify(object) })).status;
    expect(await put(rows(5))).toBe(400);
    expect(await put(rows(3).subarray(1))).toBe(400);
    expect(await put(rows(3), { authorization: `Bearer ${TOKEN}` })).toBe(400);
    expect(await check()).toBe(404);
    expect(await put(rows(3))).toBe(200);
    expect(await check()).toBe(200);
    const lines = [
      { key: 'header', value: { summary: 'x' } },
      { key: 'lfsFile', value: { path: 'a', algo: 'sha256', oid: sha256(rows(5)), size: 3000 } },
    ];
    const answer = await fetch(`${hub.url}/api/datasets/${REPO.name}/commit/main`, {
      method: 'POST',
      headers,
      body: lines.map((line) => JSON.stringify(line)).join('\n'),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain('LFS pointer pointed to a file that does not exist');
    expect(await pathsOf(own)).toEqual(['.gitattributes']);
  });
});
