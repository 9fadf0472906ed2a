import { expect, it } from 'vitest';
import { bareTasks } from '../../src/cli/gym/bare-tasks.js';
import type { RegisteredEnv } from '../../src/env/registry.js';
import { hubNeeds } from '../../src/env/supplies/hub/hub-need.js';
import { toyTask } from '../env/toy-task.js';

const dataset = (name: string, dataPath: string, isLocal: boolean) => ({ name, description: '', dataPath, isLocal });

it('plays tasks without what only their programs need [E4 E5]', async () => {
  const plain = await toyTask();
  const datasets = [
    dataset('here', plain.packRoot, true),
    dataset('absent', '/nowhere/data', true),
    dataset('hub', 'a/b', false),
  ];
  const resources = { ...plain.sidecar.resources, image: 'gymsmith/gpu', gpus: 2 };
  const hub = [{ type: 'model' as const, repo: 'a/c', aliases: [], revision: null, configurations: [], files: [] }];
  const requirements = { path: 'requirements.txt', hostPath: '/nowhere', mode: 0o644, sizeBytes: 1 };
  const task = {
    ...plain,
    datasets,
    requirements,
    sidecar: { ...plain.sidecar, hub, resources, network: 'open' as const },
  };
  const entry = { kind: 'task', task, summary: {}, detail: {} } as unknown as RegisteredEnv;
  const reload = async () => ({ added: [], removed: [], changed: [], faults: [] });
  const tasks = bareTasks({ get: () => entry, list: () => [], describe: () => entry.detail, reload });
  const bare = tasks.get('toy');
  if (bare.kind !== 'task') throw new Error('no task');
  expect(bare.task.datasets.map(({ name }) => name)).toEqual(['here']);
  expect(bare.task.sidecar).toMatchObject({ network: 'none', resources: { image: 'gymsmith/cpu', gpus: 0 } });
  expect(hubNeeds(bare.task)).toEqual([]);
  expect(bare.task.requirements).toBeNull();
  expect(bare.task.starterFiles).toBe(task.starterFiles);
  expect(tasks.get('toy')).toBe(bare);
});
