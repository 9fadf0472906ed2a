import { appendFile, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type PushJob, type PushListener, pushDataset } from '../../src/rollout/dataset/push/push-dataset.js';
import type { HubRepo } from '../../src/testing/hub-stand-in/hub-repo.js';
import { HubStandIn, type HubStandInOptions } from '../../src/testing/hub-stand-in/hub-stand-in.js';
import { temporaryDirectory, writeDataset } from './pushed-dataset.js';

const TOKEN = 'hf_secret_of_ada';
const REPO = 'ada/pears';
const ACCOUNTS = [
  { token: TOKEN, user: 'ada', role: 'write' },
  { token: 'hf_reads', user: 'ada', role: 'read' },
] as const;
const SHARDS = {
  'data/train-0.jsonl': 900,
  'data/train-1.jsonl': 800,
  'data/test-0.jsonl': 700,
  'parquet/train-0.parquet': 600,
};
const LARGE = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`data/train-${index}.jsonl`, 1000 + index]));

class Heard implements PushListener {
  parts: string[] = [];
  notes: string[] = [];
  bytes: [number, number][] = [];
  onPart(text: string): void {
    this.parts.push(text);
  }
  onNote(text: string): void {
    this.notes.push(text);
  }
  onBytes(done: number, total: number): void {
    this.bytes.push([done, total]);
  }
}

async function standIn(options: HubStandInOptions = {}): Promise<HubStandIn> {
  const hub = await HubStandIn.listen({ accounts: ACCOUNTS, ...options });
  onTestFinished(() => hub.close());
  return hub;
}

function job(
  hub: HubStandIn,
  directory: string,
  more: Partial<PushJob> = {},
  accessToken: string | undefined = TOKEN,
): PushJob {
  return {
    directory,
    repo: REPO,
    isPublic: false,
    branch: 'main',
    message: 'Pears',
    maxCommitBytes: 2 ** 30,
    overwrite: false,
    isDryRun: false,
    access: { hubUrl: hub.url, accessToken, fetch, retryMs: 1 },
    listener: new Heard(),
    ...more,
  };
}

async function dataset(shards: Record<string, number> = SHARDS, name?: string): Promise<string> {
  const directory = await temporaryDirectory();
  await writeDataset(directory, shards, name);
  return directory;
}

function contents(repo: HubRepo | null, branch = 'main'): Record<string, string> {
  const files = repo?.at(branch)?.files ?? new Map();
  return Object.fromEntries([...files].map(([name, file]) => [name, new TextDecoder().decode(file.contents)]));
}

/** What a branch is to hold: every file of the directory. */
async function held(directory: string, shards: Record<string, number> = SHARDS): Promise<Record<string, string>> {
  const names = [...Object.keys(shards), 'manifest.json', 'README.md', 'plots/tokens.svg'];
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(path.join(directory, name), 'utf8')])),
  );
}

function withoutAttributes({ '.gitattributes': attributes, ...files }: Record<string, string>) {
  return { attributes, files };
}

describe('a push of a dataset [T5]', () => {
  it('makes a private repository and brings every file in one commit', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    const report = await pushDataset(job(hub, directory));
    const repo = hub.repo('dataset', REPO);
    expect(repo?.facts.isPrivate).toBe(true);
    expect(withoutAttributes(contents(repo)).files).toEqual(await held(directory));
    expect(repo?.commits.map(({ title }) => title)).toEqual(['initial commit', 'Pears']);
    expect(report).toMatchObject({
      visibility: 'private',
      commit: repo?.at('main')?.sha,
      files: 7,
      sent_bytes: 3000,
      commits: 1,
    });
    for (const name of Object.keys(SHARDS)) expect(repo?.at('main')?.files.get(name)?.lfs, name).toBeTruthy();
    expect(repo?.at('main')?.files.get('README.md')?.lfs).toBeNull();
  });

  it('sends nothing the second time', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    const first = await pushDataset(job(hub, directory));
    const uploads = hub.uploads.length;
    const again = await pushDataset(job(hub, directory));
    expect(again).toMatchObject({ commit: first.commit, sent_bytes: 0, commits: 0 });
    expect(hub.uploads).toHaveLength(uploads);
  });

  it('says what a dry run would send, and changes nothing', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    const dry = () => pushDataset(job(hub, directory, { isDryRun: true }));
    expect(await dry()).toMatchObject({ commit: null, visibility: 'private', sent_bytes: 3000, commits: 0 });
    expect(hub.repo('dataset', REPO)).toBeNull();
    await pushDataset(job(hub, directory));
    await writeDataset(directory, { 'data/train-0.jsonl': 900, 'data/new.jsonl': 50 });
    expect(await dry()).toMatchObject({ sent_bytes: 50, deleted: expect.arrayContaining(['data/test-0.jsonl']) });
    expect(hub.requests.filter(({ method }) => !['GET', 'HEAD'].includes(method)).map(({ url }) => url)).not.toContain(
      'x',
    );
    expect(hub.repo('dataset', REPO)?.commits).toHaveLength(2);
  });

  it('puts the shards of a large one aside first, and leaves no branch behind', async () => {
    const [hub, directory] = [await standIn(), await dataset(LARGE)];
    const seen: string[][] = [];
    const watched: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      const repo = hub.repo('dataset', REPO);
      if (String(input).includes('/commit/'))
        seen.push(Object.keys(contents(repo)).filter((name) => name.startsWith('data/')));
      return answer;
    };
    const listener = new Heard();
    const access = { hubUrl: hub.url, accessToken: TOKEN, fetch: watched, retryMs: 1 };
    const report = await pushDataset(job(hub, directory, { maxCommitBytes: 2500, access, listener }));
    const repo = hub.repo('dataset', REPO);
    expect(withoutAttributes(contents(repo)).files).toEqual(await held(directory, LARGE));
    expect(report.commits).toBeGreaterThanOrEqual(4);
    expect(seen.slice(0, -1).every((names) => names.length === 0)).toBe(true);
    expect(repo?.commits).toHaveLength(2);
    expect(repo?.heads).toEqual(['main']);
    expect(hub.uploads).toHaveLength(8);
    expect(listener.bytes.at(-1)).toEqual([8028, 8028].map(() => expect.any(Number)));
    expect(listener.parts).toEqual(['compare the files with the manifest', 'send shards', 'send the last commit']);
  });

  it('replaces an earlier dataset at once: its shards go with the commit that brings the new ones', async () => {
    const hub = await standIn();
    await pushDataset(job(hub, await dataset()));
    const repo = hub.repo('dataset', REPO);
    const earlier = contents(repo);
    const next = { 'data/train-0.jsonl': 500, 'data/train-9.jsonl': 400, 'data/train-8.jsonl': 300 };
    const directory = await dataset(next, 'plums');
    const states = new Set<string>();
    const watched: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init);
      states.add(JSON.stringify(contents(repo)));
      return answer;
    };
    const access = { hubUrl: hub.url, accessToken: TOKEN, fetch: watched, retryMs: 1 };
    const report = await pushDataset(job(hub, directory, { maxCommitBytes: 600, access }));
    expect(withoutAttributes(contents(repo)).files).toEqual(await held(directory, next));
    expect(report.deleted.sort()).toEqual(['data/test-0.jsonl', 'data/train-1.jsonl', 'parquet/train-0.parquet']);
    expect([...states].map((state) => JSON.parse(state))).toEqual([earlier, contents(repo)]);
  });

  it('goes to a branch that is made for it, and leaves main alone', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    const report = await pushDataset(job(hub, directory, { branch: 'v2/rc' }));
    const repo = hub.repo('dataset', REPO);
    expect(withoutAttributes(contents(repo, 'v2/rc')).files).toEqual(await held(directory));
    expect(Object.keys(contents(repo))).toEqual(['.gitattributes']);
    expect(report.url).toBe(`${hub.url}/datasets/${REPO}/tree/v2%2Frc`);
  });

  it('never makes a private repository public, and goes into a public one only when that is said', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    await pushDataset(job(hub, directory));
    expect(await pushDataset(job(hub, directory, { isPublic: true }))).toMatchObject({ visibility: 'private' });
    const open = hub.add({ type: 'dataset', id: 'ada/open' }, { files: {} });
    const commits = open.commits.length;
    await expect(pushDataset(job(hub, directory, { repo: 'ada/open' }))).rejects.toMatchObject({
      name: 'RunError',
      message: 'ada/open is public: everybody could read this dataset.',
      remedy: expect.stringContaining('--public'),
    });
    expect(open.commits).toHaveLength(commits);
    await pushDataset(job(hub, directory, { repo: 'ada/open', isPublic: true }));
    expect(open.commits).toHaveLength(commits + 1);
    expect(await pushDataset(job(hub, directory, { repo: 'ada/shown', isPublic: true }))).toMatchObject({
      visibility: 'public',
    });
  });

  it("does not take the place of somebody else's card unless told", async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    const repo = hub.add(
      { type: 'dataset', id: REPO, isPrivate: true },
      { files: { 'README.md': '# Mine', 'a.csv': 'a' } },
    );
    await expect(pushDataset(job(hub, directory))).rejects.toThrow(/holds something else on main/);
    expect(hub.uploads).toEqual([]);
    await pushDataset(job(hub, directory, { overwrite: true }));
    expect(contents(repo)).toMatchObject({ ...(await held(directory)), 'a.csv': 'a' });
  });
});

describe('a dataset that is not what its manifest says [T5]', () => {
  it('is refused before anything is asked of the Hub', async () => {
    const hub = await standIn();
    const cases: [RegExp, (directory: string) => Promise<void>][] = [
      [/train-0\.jsonl was changed/, (directory) => appendFile(path.join(directory, 'data/train-0.jsonl'), ' ')],
      [
        /train-0\.jsonl was changed/,
        (directory) => writeFile(path.join(directory, 'data/train-0.jsonl'), 'x'.repeat(900)),
      ],
      [/is incomplete: it has no data\/train-1\.jsonl/, (directory) => rm(path.join(directory, 'data/train-1.jsonl'))],
      [/is incomplete: it has no README\.md/, (directory) => rm(path.join(directory, 'README.md'))],
      [/is incomplete: it has no plots\/tokens\.svg/, (directory) => rm(path.join(directory, 'plots/tokens.svg'))],
      [/it has no manifest\.json/, (directory) => rm(path.join(directory, 'manifest.json'))],
      [/is no manifest of a dataset/, (directory) => writeFile(path.join(directory, 'manifest.json'), '{}')],
      [/names a file outside of it/, outside],
      [/plots\/tokens\.svg is a link/, linked],
    ];
    for (const [message, harm] of cases) {
      const directory = await dataset();
      await harm(directory);
      await expect(pushDataset(job(hub, directory))).rejects.toMatchObject({
        name: 'RunError',
        message: expect.stringMatching(message),
      });
    }
    expect(hub.requests).toEqual([]);
  });

  it('is noticed when it changes while it is sent', async () => {
    const [hub, directory] = [await standIn(), await dataset()];
    const place = path.join(directory, 'data/train-0.jsonl');
    const changing: typeof fetch = async (input, init) => {
      if (String(input).includes('/preupload/')) await writeFile(place, 'y'.repeat(900));
      return fetch(input, init);
    };
    const access = { hubUrl: hub.url, accessToken: TOKEN, fetch: changing, retryMs: 1 };
    await expect(pushDataset(job(hub, directory, { access }))).rejects.toThrow(/What the Hub took is not what/);
  });
});

async function linked(directory: string): Promise<void> {
  const place = path.join(directory, 'plots/tokens.svg');
  await rm(place);
  await symlink('/etc/hostname', place);
}

async function outside(directory: string): Promise<void> {
  const place = path.join(directory, 'manifest.json');
  const text = await readFile(place, 'utf8');
  await writeFile(place, text.replace('data/train-0.jsonl', '../train-0.jsonl'));
}
