import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  datasetInfo,
  downloadFile,
  fileDownloadInfo,
  listDatasets,
  listFiles,
  snapshotDownload,
} from '@huggingface/hub';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import type { HubRepo } from '../../src/testing/hub-stand-in/hub-repo.js';
import { HubStandIn } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { loadHubRepos } from '../../src/testing/hub-stand-in/load-hub-repos.js';

const DATASETS = path.join(PROJECT_ROOT, 'stand-ins', 'hub');

let hub: HubStandIn;
let repos: HubRepo[];
let hubUrl: string;
beforeAll(async () => {
  hub = await HubStandIn.listen();
  repos = await loadHubRepos(DATASETS);
  for (const repo of repos) hub.addRepo(repo);
  hubUrl = hub.url;
});
afterAll(() => hub.close());

async function names(...given: Parameters<typeof listDatasets>): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of listDatasets({ hubUrl, ...given[0] })) found.push(name);
  return found;
}

describe("the datasets of the Hub's stand-in [S3]", () => {
  it('are searched by the words of their names, their owner and their tags', async () => {
    expect(await names({ search: { query: 'Weather' } })).toEqual(['noaa-stations/daily-weather']);
    expect(await names({ search: { query: 'names first' } })).toEqual(['moby-word-lists/first-names']);
    expect(await names({ search: { owner: 'new-here' } })).toEqual(['new-here/empty-shelf', 'new-here/just-uploaded']);
    const tags = ['task_categories:text-classification', 'license:cc0-1.0'];
    expect(await names({ search: { tags }, sort: 'downloads', limit: 2 })).toEqual([
      'apache-spamassassin/public-mail',
      'us-congress/state-of-the-union',
    ]);
    expect(await names({ search: { query: 'nothing like it' } })).toEqual([]);
  });

  it('are listed page by page, private ones only to those with a token', async () => {
    const all = await names();
    expect(all).toHaveLength(repos.length - 1);
    expect(await names({ accessToken: 'hf_x' })).toHaveLength(repos.length);
    const paged: string[] = [];
    let next: string | undefined = `${hubUrl}/api/datasets?limit=5&full=true`;
    while (next) {
      const page: Response = await fetch(next);
      const items = (await page.json()) as { id: string; cardData?: object }[];
      expect(items.every(({ cardData }) => cardData)).toBe(true);
      paged.push(...items.map(({ id }) => id));
      next = /<(.*)>; rel="next"/.exec(page.headers.get('Link') ?? '')?.[1];
    }
    expect(paged).toEqual(all);
    for (const query of ['limit=0', 'sort=age', 'expand=age']) {
      expect((await fetch(`${hubUrl}/api/datasets?${query}`)).status).toBe(400);
    }
  });

  it('tell their licence, whether they are gated, and their commit', async () => {
    const additionalFields: ('cardData' | 'disabled' | 'sha' | 'tags')[] = ['cardData', 'disabled', 'sha', 'tags'];
    const info = await datasetInfo({ hubUrl, name: 'penguins', additionalFields });
    expect(info).toMatchObject({
      name: 'palmer-station/penguins',
      downloads: 9210,
      gated: false,
      disabled: false,
      cardData: { license: 'cc0-1.0' },
      sha: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    expect(info.tags).toContain('license:cc0-1.0');
    expect(await datasetInfo({ hubUrl, name: 'clinic-archive/fundus-photographs' })).toMatchObject({ gated: 'manual' });
    await expect(datasetInfo({ hubUrl, name: 'lost-and-found/handwritten-letters' })).rejects.toMatchObject({
      statusCode: 403,
      message: expect.stringContaining('Access to this resource is disabled.'),
    });
    await expect(datasetInfo({ hubUrl, name: 'acme-internal/customer-churn' })).rejects.toMatchObject({
      statusCode: 401,
    });
  });

  it('give their files, on the main branch and converted', async () => {
    const repo = { type: 'dataset', name: 'finn-nielsen/afinn-111' } as const;
    const source = await readFile(path.join(DATASETS, repo.name, 'words.csv'), 'utf8');
    expect(await (await downloadFile({ hubUrl, repo, path: 'words.csv' }))?.text()).toBe(source);
    const revision = 'refs/convert/parquet';
    const converted: string[] = [];
    const listed = { hubUrl, repo, revision: encodeURIComponent(revision), recursive: true };
    for await (const file of listFiles(listed)) converted.push(file.path);
    const file = 'default/train/0000.parquet';
    expect(converted).toContain(file);
    const info = await fileDownloadInfo({ hubUrl, repo, path: file, revision });
    const blob = await downloadFile({ hubUrl, repo, path: file, revision });
    expect((await blob?.arrayBuffer())?.byteLength).toBe(info?.size);
    const shown = await fetch(`${hubUrl}/api/datasets/${repo.name}/revision/refs%2Fconvert%2Fparquet?expand=sha`);
    const { sha } = (await shown.json()) as { sha: string };
    expect(sha).not.toBe((await datasetInfo({ hubUrl, name: repo.name, additionalFields: ['sha'] })).sha);
    expect((await fetch(`${hubUrl}/datasets/${repo.name}/resolve/${sha}/${file}`)).status).toBe(200);
  });

  it('are taken whole by a snapshot', async () => {
    const cacheDir = await mkdtemp(path.join(tmpdir(), 'gymsmith-hub-'));
    onTestFinished(() => rm(cacheDir, { recursive: true }));
    const repo = { type: 'dataset', name: 'open-textures/surface-patches' } as const;
    const place = await snapshotDownload({ hubUrl, repo, cacheDir });
    const parquet = await readFile(path.join(place, 'data/train-00000-of-00001.parquet'));
    expect(parquet.subarray(0, 4).toString()).toBe('PAR1');
  });

  it('are as many and as large as their directory says, each with a licence', async () => {
    const readme = await readFile(path.join(DATASETS, 'README.md'), 'utf8');
    for (const repo of repos) {
      expect(readme, repo.facts.id).toContain(`| ${repo.facts.id}`);
      expect(repo.card.data.license, repo.facts.id).toBeTruthy();
    }
    const rows = repos.map(({ tables }) => tables.reduce((sum, table) => sum + table.rows.length, 0));
    expect(rows.filter((count) => count > 100)).toHaveLength(12);
    const kinds = ['tabular-regression', 'tabular-classification', 'text-classification', 'image-classification'];
    const found = repos.flatMap(({ card }) => card.data.task_categories as string[]);
    expect(found).toEqual(expect.arrayContaining([...kinds, 'time-series-forecasting']));
  });

  it('name the repository that is none [B1]', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-hub-'));
    onTestFinished(() => rm(directory, { recursive: true }));
    await mkdir(path.join(directory, 'acme/pears'), { recursive: true });
    await writeFile(path.join(directory, 'acme/pears/stand-in.yaml'), 'colour: green\n');
    await expect(loadHubRepos(directory)).rejects.toThrow(
      /acme\/pears is no repository of the Hub's stand-in.*colour/s,
    );
  });
});
