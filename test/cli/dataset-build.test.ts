import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetManifest } from '../../src/rollout/dataset/manifest.js';
import { SamplePlaces } from '../../src/rollout/sampling/sample-places.js';
import { Ledger } from '../../src/store/ledger.js';
import { type EpisodeTraits, madeEpisode } from '../rollout/made-episode.js';
import { attemptsOf, BEGINNING, ENDED_AT, OUTCOME } from '../store/attempts-of.js';
import { type CliRun, runCli, startCli } from './run-cli.js';

let root: string;
let source: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'gymsmith-built-'));
  source = path.join(root, 'episodes');
});
afterEach(() => rm(root, { recursive: true }));

function hashOf(contents: Buffer): string {
  return createHash('sha256').update(contents).digest('hex');
}

async function put(name: string, traits: EpisodeTraits): Promise<void> {
  const seed = traits.seed ?? 0;
  const turns = [
    [`I look at ${seed}.\n\`\`\`\nls ${seed}\n\`\`\``, 'train.py\n'.repeat(30)],
    ['I submit.\n```\nsubmit\n```', ''],
  ] as const;
  const file = path.join(source, `${name}.traj`);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(madeEpisode({ turns, ...traits })));
}

async function putSome(count: number): Promise<void> {
  for (let seed = 0; seed < count; seed++) await put(`t${seed % 3}/${seed}`, { seed, task: `made/t${seed % 3}-v0` });
}

const env = () => ({ GYMSMITH_STATE_DIR: path.join(root, 'state') });
const build = (...args: string[]): Promise<CliRun> =>
  runCli(['dataset', 'build', ...args, '--out', path.join(root, 'out')], { env: env() });

async function manifest(out = 'out'): Promise<DatasetManifest> {
  return DatasetManifest.parse(JSON.parse(await readFile(path.join(root, out, 'manifest.json'), 'utf8')));
}

describe('gymsmith dataset build', () => {
  it('makes a dataset and says what was kept and dropped, what it holds, and what comes next [T4, T5]', async () => {
    await putSome(6);
    await put('t0/bad', { seed: 50, task: 'made/t0-v0', score: null });
    await writeFile(path.join(source, 'broken.traj'), '{');
    const { code, stdout, stderr } = await build(source, '--shard-rows', '4', '--held-out', '0');
    expect(stderr).toContain('broken.traj is no trajectory');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^kept +6 +75\.0 % +of 3 tasks$/m);
    expect(stdout).toMatch(/^unreadable +1 +12\.5 %/m);
    expect(stdout).toMatch(/^preset +1 /m);
    expect(stdout).toMatch(/^train +parquet +2 +6 /m);
    expect(stdout).toContain('gymsmith train ');
    expect((await manifest()).files.map(({ path: file }) => file)).toEqual([
      'data/train-00000-of-00002.parquet',
      'data/train-00001-of-00002.parquet',
      'jsonl/train-00000-of-00002.jsonl.gz',
      'jsonl/train-00001-of-00002.jsonl.gz',
    ]);
  });

  it('takes of a run of sampling the attempts that are done, and no file besides [T3]', async () => {
    const places = new SamplePlaces(path.join(root, 'run'));
    source = places.trajectories;
    const attempts = attemptsOf(3, 1);
    for (const [seed, { id }] of attempts.entries()) await put(id, { seed });
    const ledger = Ledger.open(places.ledger);
    ledger.plan(attempts);
    for (const { id } of attempts.slice(0, 2)) {
      const number = ledger.beginTry(id, BEGINNING);
      const sha256 = hashOf(await readFile(places.trajectory(id)));
      const outcome = { ...OUTCOME, sha256 };
      ledger.endTry(id, number, { end: 'result', ended_at: ENDED_AT, outcome, spent: {} }, 3);
    }
    ledger.close();
    const { code } = await build(places.root, '--json');
    expect(code).toBe(0);
    expect(await manifest()).toMatchObject({ trajectories: 2, kept: 2 });
    expect(await readdir(places.root)).toContain('labels.sqlite');
    await put(attempts[0]!.id, { seed: 77 });
    const changed = await build(places.root, '--force');
    expect(changed.stderr).toContain('was changed since its run recorded it');
    expect(await manifest()).toMatchObject({ trajectories: 2, kept: 1, dropped: { unreadable: 1 } });
  });

  it('says what would be kept and writes nothing, or the same as JSON', async () => {
    await putSome(4);
    const shown = await build(source, '--dry-run');
    expect(shown.stdout).toContain('4 trajectories = 4 kept + 0 dropped');
    const told = await build(source, '--dry-run', '--json', '--where', 'task == "made/t0-v0"');
    expect(JSON.parse(told.stdout)).toMatchObject({ trajectories: 4, kept: 2, dropped: { where: 2 } });
    expect(await readdir(root)).not.toContain('out');
  });

  it('settings of a file and flags decide what comes out; what is given wrong is told by its name [B1]', async () => {
    await putSome(2);
    const file = path.join(root, 'dataset.yaml');
    await writeFile(file, `sources: [${source}]\nview: turns\nformats: [jsonl]\nseed: 7\n`);
    const { code } = await build('--config', file, '--truncate', '16K', '--held-out', '0');
    expect(code).toBe(0);
    const made = await manifest();
    expect(made.settings).toMatchObject({ view: 'turns', seed: 7, truncate_tokens: 16_384, formats: ['jsonl'] });
    expect(made.rows).toBe(4);
    const wrong = await build(source, '--format', 'csv');
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining('--format')]);
    const missing = await build(path.join(root, 'nowhere'), '--force');
    expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining('There is no')]);
    const tokenizer = await build(source, '--force', '--tokenizer', path.join(root, 'nothing'));
    expect([tokenizer.code, tokenizer.stderr]).toEqual([1, expect.stringContaining('is no tokenizer')]);
    expect((await readdir(root)).sort()).toEqual(['dataset.yaml', 'episodes', 'out', 'state']);
    const taken = await build(source);
    expect([taken.code, taken.stderr]).toEqual([1, expect.stringMatching(/exists[\s\S]*--force/)]);
  });

  it('killed at any time it leaves nothing at its place, and the same command makes the same bytes [B4]', async () => {
    await putSome(30);
    const args = ['dataset', 'build', source, '--shard-rows', '3', '--threads', '1', '--out', path.join(root, 'out')];
    for (const part of ['labelling', 'writing rows']) {
      const child = startCli(args, { env: env() });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      const ended = once(child, 'close');
      while (!said.includes(part) && child.exitCode === null) await delay(20);
      child.kill('SIGKILL');
      await ended;
      expect(await readdir(root)).not.toContain('out');
    }
    expect((await runCli(args, { env: env() })).code).toBe(0);
    const fresh = await runCli([...args.slice(0, -1), path.join(root, 'fresh')], { env: env() });
    expect(fresh.code).toBe(0);
    expect((await manifest()).files).toEqual((await manifest('fresh')).files);
    expect((await readdir(root)).filter((name) => name.includes('building'))).toEqual([]);
  });

  it('stopped it says how to go on, and ends with 130', async () => {
    await putSome(30);
    const args = ['dataset', 'build', source, '--shard-rows', '1', '--out', path.join(root, 'out')];
    const child = startCli(args, { env: env() });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = once(child, 'close');
    while (!said.includes('labelling') && child.exitCode === null) await delay(20);
    child.kill('SIGINT');
    expect((await ended)[0]).toBe(130);
    expect(said).toContain('the same command goes on');
  });
});
