import { rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../src/env/packs/pack.js';
import { dataMounts } from '../../src/env/workspace/data-mounts.js';
import { pearFiles, SIDECAR, TASK_YAML, writeFiles } from './pack-fixture.js';

const HOME = '/home/agent/workspace';

async function load(change: Readonly<Record<string, string | null>> = {}, prepare?: (root: string) => Promise<void>) {
  const root = await writeFiles(pearFiles(change));
  await prepare?.(root);
  const [task] = (await loadPack(root)).tasks;
  if (!task) throw new Error('the task does not load');
  return { root, task };
}

describe('data mounts', () => {
  it('show a dataset as one directory where nothing in it is hidden [E4]', async () => {
    const { root, task } = await load({ 'gymsmith/pears.json': JSON.stringify({ ...SIDECAR, hidden_files: [] }) });
    for (const audience of ['agent', 'evaluator'] as const) {
      expect(await dataMounts(task, audience)).toEqual([
        { hostPath: path.join(root, 'data/pears/data'), path: `${HOME}/data` },
      ]);
    }
  });

  it('leave hidden files out of what the agent sees, at any depth [B5]', async () => {
    const { root, task } = await load({
      'data/pears/data/a/open.csv': '1',
      'data/pears/data/b/open.csv': '1',
      'data/pears/data/b/labels/test.csv': '1',
      'gymsmith/pears.json': JSON.stringify({ ...SIDECAR, hidden_files: ['data/answers.csv', 'data/b/labels'] }),
    });
    const data = path.join(root, 'data/pears/data');
    const mounts = await dataMounts(task, 'agent');
    expect(mounts).toEqual(
      expect.arrayContaining(
        ['a', 'b/open.csv', 'train.csv'].map((name) => ({
          hostPath: path.join(data, name),
          path: `${HOME}/data/${name}`,
        })),
      ),
    );
    expect(mounts).toHaveLength(3);
    expect(await dataMounts(task, 'evaluator')).toEqual([{ hostPath: data, path: `${HOME}/data` }]);
  });

  it('mount what links point to, since a link would lead elsewhere in the sandbox', async () => {
    const { root, task } = await load({}, async (at) => {
      await rename(path.join(at, 'data/pears/data/train.csv'), path.join(at, 'data/shared.csv'));
      await symlink('../../shared.csv', path.join(at, 'data/pears/data/train.csv'));
    });
    expect(await dataMounts(task, 'agent')).toEqual([
      { hostPath: path.join(root, 'data/shared.csv'), path: `${HOME}/data/train.csv` },
    ]);
  });

  it('put further datasets inside the first [E4]', async () => {
    const { root, task } = await load({
      'configs/tasks/pears.yaml': TASK_YAML.replace('pears.yaml', 'pears.yaml\n- datasets/more.yaml'),
      'configs/datasets/more.yaml': 'name: M\ndescription: m\ndata_path: data/more/extra\nis_local: true\n',
      'data/more/extra/x.csv': '1',
    });
    expect(await dataMounts(task, 'evaluator')).toContainEqual({
      hostPath: path.join(root, 'data/more/extra'),
      path: `${HOME}/data/extra`,
    });
  });

  it('name the dataset that is not there [B1]', async () => {
    const { root, task } = await load();
    await rm(path.join(root, 'data/pears/data'), { recursive: true });
    await expect(dataMounts(task, 'agent')).rejects.toMatchObject({
      code: 'task_broken',
      message: expect.stringMatching(/dataset Pears 2020 of fruit\/pears-v3.*Put it at .*data\/pears\/data/),
    });
  });
});
