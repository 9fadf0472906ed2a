import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileBaselineCache } from '../../src/env/evaluation/file-baseline-cache.js';
import { downloadRepo } from '../../src/env/supplies/hub/hub-download.js';
import { datasetDirectory, hubDirectory, hubNeeds } from '../../src/env/supplies/hub/hub-need.js';
import { writeCacheRecord } from '../../src/env/supplies/hub/hub-store.js';
import { Supplies } from '../../src/env/supplies/supplies.js';
import { NO_SUPPLIES, NOTHING_PREPARED } from '../../src/env/supplies/task-supplies.js';
import type { Task } from '../../src/env/task.js';
import { underLock } from '../../src/files/under-lock.js';
import { accessTo, Heard, need, standIn, stateDirectory } from './supplies-fixture.js';
import { begunEpisode, toyTask } from './toy-task.js';

const HUB_DATASET = { name: 'pears', description: '', dataPath: 'acme/Pears', isLocal: false };

async function hubTask(sidecar: Record<string, unknown> = {}): Promise<Task> {
  return { ...(await toyTask({ sidecar })), datasets: [HUB_DATASET] };
}

/** Supplies whose images are made of what they are called. */
async function suppliesIn(stateDir: string): Promise<Supplies> {
  return new Supplies(stateDir, async (image) => `made of ${image}`);
}

describe('what a task needs of the Hub [E4]', () => {
  it('are its datasets that are not local, and what its sidecar names', async () => {
    expect(hubNeeds(await toyTask())).toEqual([]);
    const local = { ...HUB_DATASET, dataPath: '/data', isLocal: true };
    const task = await hubTask({
      hub: [{ repo: 'acme/words', type: 'model', revision: 'v2' }],
    });
    expect(hubNeeds({ ...task, datasets: [local, HUB_DATASET, HUB_DATASET] })).toEqual([
      need('acme/Pears'),
      need('acme/words', { type: 'model', revision: 'v2' }),
    ]);
  });

  it('is told more about a dataset by the sidecar', async () => {
    const entry = { repo: 'acme/Pears', aliases: ['pears'], configurations: ['small'], files: ['a/*'] };
    expect(hubNeeds(await hubTask({ hub: [entry] }))).toEqual([need('acme/Pears', entry)]);
  });

  it('lies where the libraries of the Hub look for it', () => {
    expect(hubDirectory('dataset', 'uoft-cs/cifar10')).toBe('datasets--uoft-cs--cifar10');
    expect(hubDirectory('model', 'bert-base-uncased')).toBe('models--bert-base-uncased');
    expect(datasetDirectory('uoft-cs/cifar10')).toBe('uoft-cs___cifar10');
    expect(datasetDirectory('multi_nli')).toBe('multi_nli');
    expect(datasetDirectory('Org/HTMLPagesV2')).toBe('Org___html_pages_v2');
  });
});

describe('supplies of a task [E4]', () => {
  it('are none for a task that needs none, and asked for where nothing is prepared', async () => {
    const supplies = await suppliesIn(await stateDirectory());
    expect(await supplies.of(await toyTask())).toBe(NO_SUPPLIES);
    expect(await NOTHING_PREPARED.of(await toyTask())).toBe(NO_SUPPLIES);
    await expect(NOTHING_PREPARED.of(await hubTask())).rejects.toMatchObject({ code: 'task_broken' });
  });

  it('names what was not prepared, one after the other [B1]', async () => {
    const hub = await standIn();
    hub.add({ type: 'dataset', id: 'acme/Pears' }, { files: { 'a.csv': 'x\n1\n' } });
    const stateDir = await stateDirectory();
    const supplies = await suppliesIn(stateDir);
    const task = await hubTask();
    const fault = async () => (await supplies.of(task).catch((error: unknown) => error)) as Error;
    expect((await fault()).message).toContain('needs the dataset acme/Pears of the Hub, which was not prepared');
    expect((await fault()).message).toContain(path.join(stateDir, 'hub/datasets--acme--Pears'));
    const facts = { store: supplies.hub, access: accessTo(hub), maxBytes: 2 ** 30, listener: new Heard() };
    const snapshot = await downloadRepo({ need: need('acme/Pears'), ...facts });
    expect((await fault()).message).toContain('needs the cache of the dataset acme/Pears of the Hub');
    const cache = snapshot.cacheDirectory(await supplies.python.key(task), []);
    await mkdir(cache, { recursive: true });
    await writeCacheRecord(cache, { version: 1, library: '4.8.5', configurations: {}, default: null });
    const { mounts, environment, links } = await supplies.of(task);
    expect(mounts.map((mount) => mount.path)).toEqual([
      '/mnt/hub/datasets--acme--Pears/hub',
      '/mnt/hub/datasets--acme--Pears/datasets',
    ]);
    expect(environment.programs).toEqual([]);
    expect(environment.variables).toMatchObject({
      HF_HUB_OFFLINE: '1',
      HF_DATASETS_OFFLINE: '1',
      HF_HOME: '/home/agent/.cache/huggingface',
    });
    expect(links.map((link) => `${link.kind} ${link.path}`)).toEqual([
      'directory /home/agent/.cache/huggingface/hub/datasets--acme--Pears',
      'files /home/agent/.cache/huggingface/datasets/acme___pears',
    ]);
  });

  it('come into the sandboxes of the agent and of the evaluator', async () => {
    const supplies = {
      mounts: [{ hostPath: '/host/env', path: '/mnt/python' }],
      environment: { programs: ['/mnt/python/bin'], variables: { HF_HUB_OFFLINE: '1' } },
      links: [{ target: '/mnt/hub/x', path: '/home/agent/.cache/huggingface/hub/x', kind: 'directory' as const }],
    };
    const laidOut: string[] = [];
    const notes = (commandId: string, user: string) => void (commandId === 'supplies' && laidOut.push(user));
    const toy = await begunEpisode({
      supplies: { of: async () => supplies },
      agent: {
        exec: ({ commandId, user }) => {
          notes(commandId, user);
          return {};
        },
      },
      evaluator: {
        exec: ({ commandId, user }) => {
          notes(commandId, user);
          return { stdout: new TextEncoder().encode(commandId === 'supplies' ? '' : '{"r2": 0.75}') };
        },
      },
    });
    expect((await toy.episode.step('validate')).info.score).toBe(0.75);
    for (const { request } of toy.sandboxes.made) {
      expect(request).toMatchObject({ mounts: supplies.mounts, environment: supplies.environment });
    }
    expect(toy.sandboxes.made).toHaveLength(2);
    expect(laidOut).toEqual(['agent', 'evaluator']);
    await toy.episode.close();
  });

  it('keep environments of other images, requirements and constraints apart', async () => {
    const { python } = await suppliesIn(await stateDirectory());
    const plain = await toyTask();
    const requirements = plain.starterFiles[0] ?? null;
    const other = plain.starterFiles[1] ?? null;
    const pinned = await toyTask({ sidecar: { constraints: ['numpy==2.3.5'] } });
    const elsewhere = await toyTask({ sidecar: { resources: { image: 'other' } } });
    const keys = await Promise.all([
      python.key(plain),
      python.key(elsewhere),
      python.key({ ...plain, requirements }),
      python.key({ ...plain, requirements: other }),
      python.key({ ...pinned, requirements }),
      python.key({ ...elsewhere, requirements }),
    ]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(await python.key(pinned)).toBe(keys[0]);
    expect(keys.map((key) => key.split('-')[0])).toEqual(['image', 'image', 'python', 'python', 'python', 'python']);
  });
});

describe('a lock [B4]', () => {
  it('lets one work at a time, and the next one after it', async () => {
    const stateDir = await stateDirectory();
    const seen: string[] = [];
    let finish = () => {};
    const first = underLock({ stateDir, name: 'work', onWait: () => seen.push('first waits') }, async () => {
      seen.push('first');
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      seen.push('first ends');
    });
    while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const second = underLock({ stateDir, name: 'work', onWait: () => finish() }, async () => seen.push('second'));
    await underLock({ stateDir, name: 'other', onWait: () => seen.push('never') }, async () => seen.push('other'));
    await Promise.all([first, second]);
    expect(seen.filter((entry) => entry !== 'other')).toEqual(['first', 'first ends', 'second']);
    expect(await readdir(path.join(stateDir, 'owners'))).toEqual([]);
  });

  it('stops waiting when it is told to, and is free after a failure', async () => {
    const stateDir = await stateDirectory();
    const fail = async () => Promise.reject(new Error('broken'));
    await expect(underLock({ stateDir, name: 'work', onWait: () => {} }, fail)).rejects.toThrow('broken');
    const stop = new AbortController();
    await underLock({ stateDir, name: 'work', onWait: () => {} }, async () => {
      const onWait = () => stop.abort(new Error('enough'));
      const waiting = underLock({ stateDir, name: 'work', onWait, signal: stop.signal }, async () => {});
      await expect(waiting).rejects.toThrow();
    });
  });
});

describe('measured baselines on disk [E8]', () => {
  it('are there for the next process, by content hash', async () => {
    const directory = path.join(await stateDirectory(), 'baselines');
    await fileBaselineCache(directory).set('sha256:a', { r2: 0.5 });
    const next = fileBaselineCache(directory);
    expect(await next.get('sha256:a')).toEqual({ r2: 0.5 });
    expect(await next.get('sha256:b')).toBeNull();
  });

  it('count as not measured when they are damaged, and are kept in memory where nothing can be written [B1]', async () => {
    const directory = path.join(await stateDirectory(), 'baselines');
    await fileBaselineCache(directory).set('sha256:a', { r2: 0.5 });
    const [name = ''] = await readdir(directory);
    await writeFile(path.join(directory, name), '{"version": 1, "scores":');
    expect(await fileBaselineCache(directory).get('sha256:a')).toBeNull();
    const nowhere = fileBaselineCache(path.join(directory, name, 'below'));
    await nowhere.set('sha256:a', { r2: 0.25 });
    expect(await nowhere.get('sha256:a')).toEqual({ r2: 0.25 });
  });
});
