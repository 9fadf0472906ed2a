import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadPack } from '../../src/env/packs/pack.js';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { writeAttempt } from '../../src/synth/generation/attempt-files.js';
import { FileJournal } from '../../src/synth/journal/file-journal.js';
import { publishingStage } from '../../src/synth/publishing/publishing-stage.js';
import { RunPlaces } from '../../src/synth/run/run-places.js';
import { EchoCatalogue, TestServer } from '../../src/testing/index.js';
import { inDirectory, settingsOf } from './pipeline-harness.js';
import { attemptOf, newCandidate, withAttempt, withData } from './sound-tasks.js';
import { stageContext } from './stage-context.js';

const TOKEN = 'correct-horse-battery';
const KEY = 'sk-proj-0123456789abcdefghijklmnop';

afterEach(() => vi.unstubAllEnvs());

/** A candidate that passed everything, with its files in the directory of a run. */
async function passed(root: string, change: Partial<Candidate> = {}): Promise<Candidate> {
  const begun = newCandidate('predictions', { state: 'publishing', baseline: BASELINE, ...change });
  const grounded = await withData(begun, path.join(root, 'cache'));
  return withAttempt(grounded, new RunPlaces(root).candidate(begun.id));
}

const BASELINE = { scores: [101, 99, 100], mean: 100, std: 1 };

async function publish(
  root: string,
  candidate: Candidate,
  settings: Record<string, unknown> = {},
): Promise<{ next: Candidate; told: string[] }> {
  const { context, told } = await stageContext(root, candidate, () => [], settingsOf(settings));
  return { next: await publishingStage.run(candidate, context), told };
}

/** Every file below a directory with its text. */
async function treeOf(root: string): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    files.sort().map(async (file) => [path.relative(root, file), await readFile(file, 'utf8')]),
  );
  return Object.fromEntries(texts);
}

describe('a published task', () => {
  it('lies in the pack of the run with its baseline, and is served from there [S5 S8]', async () => {
    await inDirectory(async (root) => {
      const candidate = await passed(root);
      const { next } = await publish(root, candidate);
      expect(next).toEqual({ ...candidate, state: 'published', env_id: 'synth/table-number-7-v1' });
      const { tasks, faults } = await loadPack(path.join(root, 'pack'));
      expect(faults).toEqual([]);
      expect(tasks).toHaveLength(1);
      const [task] = tasks;
      expect(task).toMatchObject({ envId: 'synth/table-number-7-v1', baselineScores: { rmse: 100 } });
      expect(task?.sidecar.baseline).toEqual({ score: 100, std: 1, runs: 3 });
      expect(task?.sidecar.content_hash).toBe(task?.contentHash);
    });
  });

  it('goes to a pack and a namespace of your own where the settings name them [S8]', async () => {
    await inDirectory(async (root) => {
      const publishing = { namespace: 'mine', pack: path.join(root, 'elsewhere') };
      const { next } = await publish(root, await passed(root), { publish: publishing });
      expect(next.env_id).toBe('mine/table-number-7-v1');
      expect((await loadPack(path.join(root, 'elsewhere'))).tasks).toHaveLength(1);
    });
  });

  it.each(['no_valid_submission', 'baseline_not_beaten'] as const)(
    'is kept apart when its teacher cannot solve it: %s [F4]',
    async (reason) => {
      await inDirectory(async (root) => {
        const { next } = await publish(root, await passed(root, { reason, detail: 'best 99' }));
        expect(next).toMatchObject({ state: 'frontier', reason, env_id: 'synth/table-number-7-v1' });
        expect((await loadPack(path.join(root, 'frontier'))).tasks).toHaveLength(1);
        expect(await readdir(root)).not.toContain('pack');
      });
    },
  );

  it('has the same id whichever of two with the same words is published first [S8]', async () => {
    const published = async (order: readonly string[]) =>
      inDirectory(async (root) => {
        const ids = new Map<string, string | null>();
        await Promise.all(
          order.map(async (id) => ids.set(id, (await publish(root, await passed(root, { id }))).next.env_id)),
        );
        expect((await loadPack(path.join(root, 'pack'))).faults).toEqual([]);
        return Object.fromEntries([...ids].sort());
      });
    const ids = ['0003-1-a', '0012-1-b', '0012-2-c'];
    const names = await published(ids);
    expect(names).toEqual({
      '0003-1-a': 'synth/table-number-3-v1',
      '0012-1-b': 'synth/table-number-12-v1',
      '0012-2-c': 'synth/table-number-12-2-v1',
    });
    expect(await published([...ids].reverse())).toEqual(names);
  });

  it('stands beside one of another run with the same name [S8]', async () => {
    await inDirectory(async (shared) => {
      const settings = { publish: { pack: path.join(shared, 'pack') } };
      const first = await inDirectory(async (root) => publish(root, await passed(root), settings));
      const other = await inDirectory(async (root) => publish(root, await passed(root, { seed: 12 }), settings));
      const again = await inDirectory(async (root) => publish(root, await passed(root, { seed: 12 }), settings));
      expect(first.next.env_id).toBe('synth/table-number-7-v1');
      expect(other.next.env_id).toMatch(/^synth\/table-number-7-[0-9a-f]{8}-v1$/);
      expect(again.next.env_id).toBe(other.next.env_id);
      const { tasks, faults } = await loadPack(path.join(shared, 'pack'));
      expect([tasks.length, faults]).toEqual([2, []]);
    });
  });

  it('is whole after a kill between any two writes [S8]', async () => {
    await inDirectory(async (root) => {
      const candidate = await passed(root);
      const { next } = await publish(root, candidate);
      const whole = path.join(root, 'pack');
      const expected = await treeOf(whole);
      const id = 'table-number-7';
      // In the order of the writer.
      const writes = [`data/${id}`, `configs/datasets/${id}.yaml`, `gymsmith/${id}.json`, `configs/tasks/${id}.yaml`];
      for (let written = 0; written <= writes.length; written++) {
        const pack = path.join(root, `killed-${written}`);
        await mkdir(pack);
        for (const place of writes.slice(0, written)) {
          await cp(path.join(whole, place), path.join(pack, place), { recursive: true });
        }
        const left = path.join(pack, `.staging-${id}-Ab12Cd`, 'configs');
        if (written < writes.length) await mkdir(left, { recursive: true });
        for (const _time of [1, 2]) {
          const again = await publish(root, candidate, { publish: { pack } });
          expect(again.next).toEqual(next);
          expect(await treeOf(pack)).toEqual(expected);
        }
      }
    });
  });

  it('is not published from a failed attempt, nor when it would not load', async () => {
    await inDirectory(async (root) => {
      const failed = await passed(root);
      const attempts = [attemptOf({ verdict: 'failed', fault: 'baseline_failed' })];
      await expect(publish(root, { ...failed, attempts })).rejects.toThrow('has no sound attempt to publish');
      const broken = await passed(root, { id: '0008-1-broken' });
      await rm(new RunPlaces(root).candidate(broken.id), { recursive: true });
      await writeAttempt(new RunPlaces(root).candidate(broken.id), 0, [{ path: 'baseline.py', text: 'x\n' }]);
      const { next } = await publish(root, broken);
      expect(next).toMatchObject({ state: 'rejected', reason: 'task_malformed', env_id: null });
      expect(next.detail).toContain('evaluate.py is not in the workspace');
      expect((await loadPack(path.join(root, 'pack'))).tasks).toEqual([]);
    });
  });
});

describe('the provenance of a task', () => {
  it('says what it was made of, by whom, with which prompts, at what cost [S8]', async () => {
    await inDirectory(async (root) => {
      const candidate = await passed(root, {
        spent: { ...NOTHING_SPENT, usd: 0.5, input_tokens: 9, output_tokens: 8, calls: 2, sandbox_seconds: 3 },
        episodes: [{ directory: 'episodes/0', score: 90, steps: 12 }],
      });
      const journal = new FileJournal(new RunPlaces(root).journal);
      for (const [key, version] of [
        ['proposal', 2],
        ['generation/0', 1],
        ['generation/1', 1],
      ] as const) {
        const prompt = { name: key.split('/')[0]!, version, sha256: 'c'.repeat(64) };
        const notes = () => ({ prompt, model: 'gpt-5-2025' });
        await journal.once(`${candidate.id}/${key}`, { key }, async () => 'yes', notes);
      }
      await publish(root, candidate);
      const [task] = (await loadPack(path.join(root, 'pack'))).tasks;
      expect(task?.sidecar.provenance).toEqual({
        made_by: expect.stringMatching(/^gymsmith \d/),
        fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        candidate: candidate.id,
        seed: 11,
        topic: candidate.topic,
        teacher: 'scripted-1',
        models: ['gpt-5-2025'],
        prompts: [
          { name: 'generation', version: 1, sha256: 'c'.repeat(64) },
          { name: 'proposal', version: 2, sha256: 'c'.repeat(64) },
        ],
        dataset: {
          repo: 'palmer-station/penguins',
          requested: 'orchard/pears',
          is_substitute: true,
          revision: 'a'.repeat(40),
          data_revision: 'b'.repeat(40),
          config: 'default',
          split: 'train',
          licence: 'cc0-1.0',
        },
        plan: candidate.grounding?.plan,
        rows: { train: 40, test: 20 },
        repository: null,
        attempts: [{ number: 0, how: 'first', verdict: 'sound', fault: null }],
        reason: null,
        detail: null,
        spent: candidate.spent,
        trajectories: [{ path: `candidates/${candidate.id}/episodes/0`, score: 90, steps: 12 }],
      });
    });
  });

  it('holds no secret and no place of this machine, and is no part of the content hash [S8]', async () => {
    vi.stubEnv('OPENAI_API_KEY', KEY);
    vi.stubEnv('GYMSMITH_TOKEN', TOKEN);
    vi.stubEnv('HF_TOKEN', 'hf_verysecret');
    await inDirectory(async (root) => {
      const told = `${root}/cache and ${homedir()}/x with ${KEY}, ${TOKEN}, hf_verysecret`;
      const gate = { gate: 'leakage', verdict: 'pass', fault: null, evidence: null, duration_ms: 1 } as const;
      const gates = [{ ...gate, detail: told, measured: { [`file ${root}`]: told, share: 0.5 } }];
      const quiet = await passed(root);
      const loud: Candidate = {
        ...quiet,
        reason: 'baseline_not_beaten',
        detail: told,
        episodes: [{ directory: path.join(root, 'candidates', quiet.id, 'episodes/0'), score: null, steps: 1 }],
        attempts: [attemptOf({ verdict: 'sound', gates })],
        spent: { ...quiet.spent, usd: 3 },
      };
      await publish(root, quiet);
      await publish(root, loud);
      const [task] = (await loadPack(path.join(root, 'frontier'))).tasks;
      const text = JSON.stringify(task?.sidecar);
      for (const part of [root, homedir(), KEY, TOKEN, 'hf_verysecret', 'host_path']) expect(text).not.toContain(part);
      expect(task?.sidecar.gates).toMatchObject({ leakage: { verdict: 'pass', measured: { share: 0.5 } } });
      expect(task?.sidecar.provenance.trajectories).toMatchObject([{ path: `candidates/${quiet.id}/episodes/0` }]);
      const [other] = (await loadPack(path.join(root, 'pack'))).tasks;
      expect(other?.contentHash).toBe(task?.contentHash);
    });
  });
});

describe('a running server', () => {
  class ReloadingCatalogue extends EchoCatalogue {
    reloads = 0;
    async reload() {
      this.reloads++;
      return { added: [], removed: [], changed: [], faults: [] };
    }
  }

  it('is told of each new task, with its token [S8]', async () => {
    vi.stubEnv('GYMSMITH_TOKEN', TOKEN);
    const catalogue = new ReloadingCatalogue();
    await using server = await TestServer.start({ catalogue, token: TOKEN });
    await inDirectory(async (root) => {
      const settings = { publish: { reload: server.url } };
      await publish(root, await passed(root), settings);
      await publish(root, await passed(root, { id: '0009-1-more', reason: 'baseline_not_beaten' }), settings);
      expect(catalogue.reloads).toBe(1);
    });
  });

  it('that refuses or is away keeps no task from being published [S8 B1]', async () => {
    const server = await TestServer.start({ token: TOKEN });
    await inDirectory(async (root) => {
      const settings = { publish: { reload: server.url } };
      const refused = await publish(root, await passed(root), settings);
      expect(refused.next.state).toBe('published');
      expect(refused.told.at(-1)).toContain('the server was not told');
      await server.stop();
      const away = await publish(root, await passed(root, { id: '0009-1-more' }), settings);
      expect(away.next.state).toBe('published');
      expect(away.told.at(-1)).toContain('cannot be reached');
    });
  });
});
