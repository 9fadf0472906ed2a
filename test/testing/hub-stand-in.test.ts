import { datasetInfo, downloadFile, fileDownloadInfo, listFiles, modelInfo, pathsInfo } from '@huggingface/hub';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';

const BIG = 'x'.repeat(5000);

async function standIn(): Promise<HubStandIn> {
  const hub = await HubStandIn.listen();
  onTestFinished(() => hub.close());
  return hub;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** A Hub with a data set of two commits. */
async function pears(): Promise<{ hub: HubStandIn; hubUrl: string; first: string; second: string }> {
  const hub = await standIn();
  const files = { 'README.md': '# Pears', 'data/train.csv': BIG };
  const repo = hub.add({ type: 'dataset', id: 'acme/pears', aliases: ['pears'] }, { files, lfs: ['data/train.csv'] });
  const second = repo.commit({ files: { 'README.md': '# More pears' } });
  return { hub, hubUrl: hub.url, first: repo.commits[0]?.sha ?? '', second };
}

describe('the stand-in of the Hub [C2]', () => {
  it('tells of a repository whose card leaves its columns and files to the library', async () => {
    const hub = await standIn();
    const card = '---\nconfigs:\n- config_name: default\n  data_files: train.csv\n- config_name: more\n---\n';
    hub.add({ type: 'dataset', id: 'acme/plain' }, { files: { 'README.md': card, 'train.csv': 'a\n1\n' } });
    expect(await datasetInfo({ hubUrl: hub.url, name: 'acme/plain' })).toMatchObject({ name: 'acme/plain' });
  });

  it('tells which commit a revision means, and what it holds', async () => {
    const { hubUrl, first, second } = await pears();
    const name = 'acme/pears';
    const additionalFields: 'sha'[] = ['sha'];
    expect(await datasetInfo({ hubUrl, name, additionalFields })).toMatchObject({
      name,
      private: false,
      sha: second,
    });
    const whole = await fetch(`${hubUrl}/api/datasets/${name}?blobs=true`);
    expect(await whole.json()).toMatchObject({ siblings: [{ rfilename: 'README.md', size: 12 }], gated: false });
    expect(await datasetInfo({ hubUrl, name, revision: first, additionalFields })).toMatchObject({ sha: first });
    expect(await datasetInfo({ hubUrl, name: 'pears', additionalFields })).toMatchObject({ name, sha: second });
    await expect(datasetInfo({ hubUrl, name, revision: 'v9' })).rejects.toMatchObject({ statusCode: 404 });
    await expect(datasetInfo({ hubUrl, name: 'acme/plums' })).rejects.toMatchObject({ statusCode: 401 });
    await expect(modelInfo({ hubUrl, name })).rejects.toMatchObject({ statusCode: 401 });
  });

  it('lists trees page by page, whole and by directory', async () => {
    const hub = await standIn();
    const files = Object.fromEntries(Array.from({ length: 2500 }, (_, index) => [`many/${index}.txt`, String(index)]));
    hub.add({ type: 'model', id: 'acme/many' }, { files });
    const repo = { type: 'model', name: 'acme/many' } as const;
    const all = await collect(listFiles({ hubUrl: hub.url, repo, recursive: true }));
    expect(all.filter(({ type }) => type === 'file')).toHaveLength(2500);
    expect(await collect(listFiles({ hubUrl: hub.url, repo }))).toMatchObject([{ type: 'directory', path: 'many' }]);
    expect(hub.requests.filter(({ url }) => url.includes('/tree/'))).toHaveLength(4);
  });

  it('names files with their hashes, those in large-file storage with both', async () => {
    const { hubUrl, first } = await pears();
    const repo = { type: 'dataset', name: 'acme/pears' } as const;
    const infos = await pathsInfo({
      hubUrl,
      repo,
      revision: first,
      paths: ['README.md', 'data/train.csv', 'data', 'no'],
    });
    // As git hash-object and sha256sum say it.
    expect(infos).toMatchObject([
      { type: 'file', path: 'README.md', size: 7, oid: '1a69bd04f0e99b2dcc4500aa0e50d573dca34106' },
      {
        type: 'file',
        path: 'data/train.csv',
        size: 5000,
        lfs: { size: 5000, oid: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
      { type: 'directory', path: 'data' },
    ]);
  });

  it('gives files, ranges of them, and their entity tags', async () => {
    const { hub, hubUrl, first } = await pears();
    const repo = { type: 'dataset', name: 'acme/pears' } as const;
    const path = 'data/train.csv';
    const info = await fileDownloadInfo({ hubUrl, repo, path, revision: first });
    expect(info).toMatchObject({ size: 5000, etag: expect.stringMatching(/^"[0-9a-f]{64}"$/) });
    const blob = await downloadFile({ hubUrl, repo, path, revision: first });
    expect(await blob?.text()).toBe(BIG);
    expect(await blob?.slice(4990).text()).toBe('x'.repeat(10));
    expect(hub.requests.at(-1)?.range).toBe('bytes=4990-4999');
    expect(await downloadFile({ hubUrl, repo, path: 'no.csv', revision: first })).toBeNull();
    const head = await fetch(`${hubUrl}/datasets/acme/pears/resolve/${first}/README.md`, { method: 'HEAD' });
    expect(Object.fromEntries(head.headers)).toMatchObject({ 'x-repo-commit': first, 'content-length': '7' });
    const late = await fetch(`${hubUrl}/datasets/acme/pears/resolve/main/README.md`, {
      headers: { Range: 'bytes=99-' },
    });
    expect(late.status).toBe(416);
  });

  it('keeps private and gated repositories to those who may see them', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/own', isPrivate: true }, { files: { a: 'a' } });
    hub.add({ type: 'dataset', id: 'acme/gated', isGated: true }, { files: { a: 'a' } });
    const at = { hubUrl: hub.url };
    await expect(datasetInfo({ ...at, name: 'acme/own' })).rejects.toMatchObject({ statusCode: 401 });
    expect(await datasetInfo({ ...at, name: 'acme/own', accessToken: 'hf_x' })).toMatchObject({ private: true });
    expect(await datasetInfo({ ...at, name: 'acme/gated' })).toMatchObject({ gated: 'auto' });
    const repo = { type: 'dataset', name: 'acme/gated' } as const;
    const file = { ...at, repo, path: 'a', accessToken: 'hf_x' };
    await expect(downloadFile(file)).rejects.toMatchObject({ statusCode: 403 });
  });

  it('fails when it is told to, and no longer', async () => {
    const { hub, hubUrl } = await pears();
    hub.failNext([{ status: 503 }], /\/api\//);
    await expect(datasetInfo({ hubUrl, name: 'acme/pears' })).rejects.toMatchObject({ statusCode: 503 });
    expect(await datasetInfo({ hubUrl, name: 'acme/pears' })).toMatchObject({ name: 'acme/pears' });
  });
});
