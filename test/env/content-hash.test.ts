import { chmod, readdir, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { FileHashes } from '../../src/env/packs/file-hashes.js';
import { loadPack } from '../../src/env/packs/pack.js';
import { DATASET_YAML, pearFiles, SIDECAR, TASK_YAML, temporaryDirectory, writeFiles } from './pack-fixture.js';

async function hashOf(root: string, hashes?: FileHashes): Promise<string> {
  const { tasks, faults } = await loadPack(root, hashes);
  expect(faults).toEqual([]);
  return tasks[0]?.contentHash ?? '';
}

async function hashWith(change: Readonly<Record<string, string | null>>): Promise<string> {
  return hashOf(await writeFiles(pearFiles(change)));
}

function sidecar(change: object): Record<string, string> {
  return { 'gymsmith/pears.json': JSON.stringify({ ...SIDECAR, ...change }) };
}

describe('the content hash', () => {
  it('is the same wherever the pack lies and however its files are written [E2]', async () => {
    const hash = await hashWith({});
    expect(await hashWith({})).toBe(hash);
    const restyled = TASK_YAML.replace('# a comment\n', '')
      .replace('name: Pears', 'name: "Pears"')
      .replace('24000', '24_000.0');
    expect(await hashWith({ 'configs/tasks/pears.yaml': restyled })).toBe(hash);
    const moved = { 'configs/datasets/pears.yaml': DATASET_YAML.replace('data/pears/data', 'elsewhere') };
    const files = Object.fromEntries(
      Object.entries(pearFiles(moved)).map(([name, text]) => [name.replace('data/pears/data/', 'elsewhere/'), text]),
    );
    expect(await hashOf(await writeFiles(files))).toBe(hash);
  });

  it('leaves out the env id, provenance, gates and what is declared by default', async () => {
    const hash = await hashWith({});
    const said = {
      env_id: 'other/pears-v9',
      provenance: { by: 'x' },
      gates: { g: 1 },
      network: 'none',
      limits: { max_steps: 50 },
    };
    expect(await hashWith(sidecar(said))).toBe(hash);
  });

  it.each([
    ['a starter file', { 'data/pears/baseline.py': 'print("other")\n' }],
    ['a starter file more', { 'data/pears/src/more.py': '' }],
    ['the name of a file', { 'data/pears/src/deep/model.py': null, 'data/pears/src/deep/modell.py': 'x = 1\n' }],
    ['a file of the dataset', { 'data/pears/data/train.csv': 'a,b\n1,3\n' }],
    ['a hidden file', { 'data/pears/data/answers.csv': 'b\n3\n' }],
    ['what is hidden', sidecar({ hidden_files: ['data/train.csv'] })],
    ['the description', { 'configs/tasks/pears.yaml': TASK_YAML.replace('weight of pears', 'size of pears') }],
    ['the dataset description', { 'configs/datasets/pears.yaml': DATASET_YAML.replace('Weights', 'Sizes') }],
    ['a time limit', { 'configs/tasks/pears.yaml': TASK_YAML.replace('600', '601') }],
    ['a baseline score', { 'configs/tasks/pears.yaml': TASK_YAML.replace('24000', '24001') }],
    ['the direction', sidecar({ metric: { ...SIDECAR.metric, direction: 'maximize' } })],
    ['the steps', sidecar({ limits: { max_steps: 49 } })],
    ['the network', sidecar({ network: 'open' })],
  ])('changes with %s [E2]', async (_what, change) => {
    expect(await hashWith(change)).not.toBe(await hashWith({}));
  });

  it('changes with the executable bit and with no other bit of a mode', async () => {
    const root = await writeFiles(pearFiles());
    const hash = await hashOf(root);
    const file = path.join(root, 'data/pears/baseline.py');
    await chmod(file, 0o600);
    expect(await hashOf(root)).toBe(hash);
    await chmod(file, 0o755);
    expect(await hashOf(root)).not.toBe(hash);
  });

  it('notices a change that keeps size and time of a file', async () => {
    const root = await writeFiles(pearFiles());
    const hashes = FileHashes.inMemory();
    await sleep(100);
    const hash = await hashOf(root, hashes);
    const file = path.join(root, 'data/pears/data/train.csv');
    const past = new Date(1e12);
    await utimes(file, past, past);
    expect(await hashOf(root, hashes)).toBe(hash);
    await writeFile(file, 'a,b\n1,9\n');
    await utimes(file, past, past);
    expect(await hashOf(root, hashes)).not.toBe(hash);
  });

  it('is remembered across processes in a file that is complete or absent', async () => {
    const cache = path.join(await temporaryDirectory(), 'state', 'hashes.json');
    const root = await writeFiles(pearFiles());
    await sleep(100);
    const first = await FileHashes.open(cache);
    const hash = await hashOf(root, first);
    await first.save();
    expect(await readdir(path.dirname(cache))).toEqual(['hashes.json']);
    const second = await FileHashes.open(cache);
    expect(await hashOf(root, second)).toBe(hash);
    await writeFile(cache, '{"version": 1, "hashes": {"x": 3}}');
    expect(await hashOf(root, await FileHashes.open(cache))).toBe(hash);
  });
});
