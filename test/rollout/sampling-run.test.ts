import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SamplePlaces } from '../../src/rollout/sampling/sample-places.js';
import { SampleSettings } from '../../src/rollout/sampling/sample-settings.js';
import { withSampleRun } from '../../src/rollout/sampling/with-sample-run.js';
import type { RunError } from '../../src/run/run-error.js';
import { attemptsOf } from '../store/attempts-of.js';

const SETTINGS = SampleSettings.parse({ players: [{ model: 'm', base_url: 'http://a/v1' }], exclude: ['a', 'b'] });
const AGENTS = { m: 'hash' };

async function newRoot(): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-sample-'));
  onTestFinished(() => rm(root, { recursive: true }));
  return root;
}

function run(root: string, settings: Partial<SampleSettings> = {}, agents = AGENTS) {
  return withSampleRun(path.join(root, 'run'), { settings: { ...SETTINGS, ...settings }, agents }, async (open) => ({
    isResumed: open.isResumed,
    manifest: open.manifest,
    counts: open.ledger.counts(),
  }));
}

async function refused(work: Promise<unknown>): Promise<RunError> {
  const error = await work.then(
    () => new Error('was taken up'),
    (thrown: Error) => thrown,
  );
  expect(error.name).toBe('RunError');
  return error as RunError;
}

describe('the run of sampling', () => {
  it('is begun once and taken up again, with its ledger and under its own name [T1]', async () => {
    const root = await newRoot();
    const options = { settings: SETTINGS, agents: AGENTS };
    const first = await withSampleRun(
      path.join(root, 'run'),
      options,
      async ({ ledger, manifest, places, isResumed }) => {
        ledger.plan(attemptsOf(1, 3));
        expect(isResumed).toBe(false);
        expect(JSON.parse(await readFile(places.manifest, 'utf8'))).toEqual(manifest);
        return manifest;
      },
    );
    const again = await run(root);
    expect(again).toEqual({ isResumed: true, manifest: first, counts: { open: 3, running: 0, done: 0, failed: 0 } });
  });

  it('goes on under other budgets, servers and addresses, with more attempts and tasks [T1]', async () => {
    const root = await newRoot();
    await run(root);
    const player = { ...SETTINGS.players[0]!, base_url: 'http://b/v1', key_variable: 'KEY' };
    const changed = {
      ...{ attempts: 300, tries: 5, servers: ['ws://b'], players: [player], exclude: ['a'] },
      budget: { ...SETTINGS.budget, usd: 5 },
      concurrency: { ...SETTINGS.concurrency, episodes: 3 },
      tasks: ['*', 'more/*'],
    };
    const { manifest } = await run(root, changed);
    expect(manifest.settings).toEqual({ ...SETTINGS, ...changed });
  });

  it.each([
    ['fewer attempts', { attempts: 255 }, 'attempts: was 256, is 255'],
    ['another seed', { seed: 1 }, 'seed: was 0, is 1'],
    ['fewer tasks', { tasks: ['x'] }, 'tasks.0: was "*", is "x"'],
    ['more that is left out', { exclude: ['a', 'b', 'c'] }, 'exclude.2: was missing, is "c"'],
    ['other limits', { limits: { ...SETTINGS.limits, usd: 1 } }, 'limits.usd: was 4, is 1'],
    ['another model', { players: [{ ...SETTINGS.players[0]!, model: 'n' }] }, 'players.0.model: was "m", is "n"'],
  ] as const)('does not go on with %s [T1]', async (_, change, line) => {
    const root = await newRoot();
    await run(root);
    const error = await refused(run(root, change as Partial<SampleSettings>));
    expect(error.message).toContain(line);
    expect(error.remedy).toMatch(/^Go on with the settings of then/);
    expect((await run(root)).manifest.settings).toEqual(SETTINGS);
  });

  it('does not go on with an agent that is told something else [T1]', async () => {
    const root = await newRoot();
    await run(root);
    const error = await refused(run(root, {}, { m: 'other' }));
    expect(error.message).toContain('agent of m: was "hash", is "other"');
  });

  it('refuses a directory of something else, and a run that another process has [T1]', async () => {
    const root = await newRoot();
    await writeFile(path.join(root, 'letter.txt'), '');
    const options = { settings: SETTINGS, agents: AGENTS };
    const foreign = await refused(withSampleRun(root, options, async () => {}));
    expect(foreign.message).toMatch(/is no run: it holds letter\.txt/);
    const busy = await withSampleRun(path.join(root, 'run'), options, () => refused(run(root)));
    expect(busy.message).toMatch(/Another process works on/);
    expect(busy.remedy).toContain('gymsmith sample status');
    const { manifest } = new SamplePlaces(path.join(root, 'run'));
    await writeFile(manifest, '{"version": 1, "settings": {}, "prompts": {}}');
    expect((await refused(run(root))).message).toMatch(/run\.json is no run of this version: kind/);
  });

  it('is begun again where a process was killed before it had begun', async () => {
    const root = await newRoot();
    const directory = path.join(root, 'run');
    await withSampleRun(directory, { settings: SETTINGS, agents: AGENTS }, async () => {});
    await rm(path.join(directory, 'run.json'));
    for (const name of ['ledger.sqlite', 'ledger.sqlite-wal', 'ledger.sqlite-shm', 'trajectories']) {
      await rm(path.join(directory, name), { recursive: true, force: true });
    }
    await writeFile(path.join(directory, 'run.json.tmp'), '{"ver');
    expect(await run(root)).toMatchObject({ isResumed: false });
  });
});
