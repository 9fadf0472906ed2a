import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EnvFactory } from '../../src/env/env.js';
import { TaskRegistry } from '../../src/env/registry.js';
import { RpcError, TaskDetail, TaskSummary } from '../../src/protocol/index.js';
import { pearFiles, SIDECAR, TASK_YAML, writeFiles } from './pack-fixture.js';

const summary: TaskSummary = {
  task: 'built-in/echo-v1',
  name: 'Echo',
  entrypoint: 'built_in',
  metric: null,
  direction: null,
  baseline: null,
  gpus: 0,
  max_steps: 10,
  content_hash: 'sha256:0',
};
const detail: TaskDetail = {
  ...summary,
  description: 'Says it again.',
  files: [],
  submission_paths: [],
  training_timeout_s: 1,
  evaluation_mode: 'sealed',
  template: {},
};
const factory: EnvFactory = () => {
  throw new Error('not called here');
};

function version(envId: string, evaluate = 'print("{}")\n'): Record<string, string> {
  return pearFiles({
    'gymsmith/pears.json': JSON.stringify({ ...SIDECAR, env_id: envId }),
    'data/pears/evaluate.py': evaluate,
  });
}

function failure(act: () => unknown): RpcError {
  try {
    act();
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('the registry', () => {
  it('finds tasks of several packs by full id, and the highest version without one [E7]', async () => {
    const packs = await Promise.all(
      ['fruit/pears-v2', 'fruit/pears-v10', 'other/pears-v1'].map((id) => writeFiles(version(id))),
    );
    const registry = await TaskRegistry.open(packs);
    expect(registry.get('fruit/pears-v2').summary.task).toBe('fruit/pears-v2');
    expect(registry.get('fruit/pears').summary.task).toBe('fruit/pears-v10');
    expect(registry.list().map((task) => task.task)).toEqual(['fruit/pears-v2', 'fruit/pears-v10', 'other/pears-v1']);
    expect(registry.list('other').map((task) => task.task)).toEqual(['other/pears-v1']);
    expect(registry.list('oth')).toEqual([]);
  });

  it('describes tasks in the shapes of the protocol, hidden files unnamed [C4, B5]', async () => {
    const registry = await TaskRegistry.open([await writeFiles(pearFiles())]);
    const described = registry.describe('fruit/pears');
    expect(TaskDetail.parse(described)).toEqual(described);
    expect(TaskSummary.parse(registry.list()[0])).toEqual(registry.list()[0]);
    expect(described).toMatchObject({
      task: 'fruit/pears-v3',
      metric: 'rmse',
      direction: 'minimize',
      baseline: 24000,
      files: ['baseline.py', 'evaluate.py', 'src/__init__.py', 'src/deep/model.py'],
      submission_paths: ['submission.csv'],
      training_timeout_s: 600,
      evaluation_mode: 'sealed',
    });
    expect(JSON.stringify(described)).not.toContain('answers');
  });

  it('suggests what a wrong id was meant to be [B1]', async () => {
    const packs = await Promise.all(['fruit/pears-v2', 'fruit/plums-v1'].map((id) => writeFiles(version(id))));
    const registry = await TaskRegistry.open(packs);
    for (const id of ['fruit/pears-v9', 'fruit/paers', 'pears', 'Fruit/Pears', 'fruits/pears-v2']) {
      const error = failure(() => registry.get(id));
      expect(error.code).toBe('unknown_task');
      expect(error.message, id).toMatch(/^There is no task ".*"\. Did you mean fruit\/pears-v2/);
      expect(error.data).toMatchObject({ task: id });
    }
    expect(failure(() => registry.get('quite/different')).message).toContain('List the tasks');
    expect(failure(() => new Map([['x', 1]]) && registry.get('constructor')).code).toBe('unknown_task');
    const empty = await TaskRegistry.open([]);
    expect(failure(() => empty.get('a/b')).message).toContain('No task is loaded');
  });

  it('says why a broken task is not served [B1]', async () => {
    const root = await writeFiles(pearFiles({ 'data/pears/evaluate.py': null, 'gymsmith/pears.json': null }));
    const registry = await TaskRegistry.open([root]);
    const id = `${path.basename(root).toLowerCase()}/pears-v0`;
    const error = failure(() => registry.get(id));
    expect(error.code).toBe('task_broken');
    expect(error.message).toContain('configs/tasks/pears.yaml:14: starter_code[1]: there is no data/pears/evaluate.py');
    expect(error.message).not.toContain('evaluation_paths');
    expect(failure(() => registry.get(id.replace('-v0', ''))).code).toBe('task_broken');
    const named = await TaskRegistry.open([await writeFiles(pearFiles({ 'data/pears/evaluate.py': null }))]);
    expect(failure(() => named.get('fruit/pears')).code).toBe('task_broken');
  });

  it('refuses two different tasks with one id and takes equal ones as one [B1]', async () => {
    const [one, same, different] = await Promise.all([
      writeFiles(version('fruit/pears-v1')),
      writeFiles(version('fruit/pears-v1')),
      writeFiles(version('fruit/pears-v1', 'print(0)\n')),
    ]);
    const registry = await TaskRegistry.open([one, same, different]);
    expect(registry.list()).toHaveLength(1);
    expect(registry.get('fruit/pears-v1')).toMatchObject({ task: { packRoot: one } });
    expect(registry.faults).toMatchObject([
      {
        severity: 'error',
        packRoot: different,
        problem: expect.stringContaining(`was loaded from ${one}/configs/tasks/pears.yaml`),
        remedy: expect.stringContaining('a changed task is a new version: set env_id to fruit/pears-v2'),
      },
    ]);
  });

  it('reloads at once, keeps unchanged tasks and reports what came and went [E7]', async () => {
    const [one, two] = await Promise.all([writeFiles(version('fruit/a-v1')), writeFiles(version('fruit/b-v1'))]);
    const registry = await TaskRegistry.open([one, two]);
    const held = registry.get('fruit/a-v1');
    await rm(path.join(two, 'configs'), { recursive: true });
    await writeFiles(
      { 'configs/tasks/c.yaml': 'id: c\nname: c\ndescription: c\nstarter_code: [e.py]\nevaluation_paths: [e.py]\n' },
      one,
    );
    await writeFiles(
      { 'e.py': '', 'gymsmith/c.json': JSON.stringify({ ...SIDECAR, env_id: 'fruit/c-v1', hidden_files: [] }) },
      one,
    );
    expect(await registry.reload()).toMatchObject({ added: ['fruit/c-v1'], removed: ['fruit/b-v1'], changed: [] });
    expect(registry.get('fruit/a-v1')).toBe(held);
  });

  it('sees what was there when a reload was asked for, even while another one is under way [S8]', async () => {
    const root = await writeFiles(version('fruit/a-v1'));
    const registry = await TaskRegistry.open([root]);
    const first = registry.reload();
    const plums = {
      'configs/tasks/plums.yaml': TASK_YAML.replace('id: pears', 'id: plums'),
      'gymsmith/plums.json': JSON.stringify({ ...SIDECAR, env_id: 'fruit/plums-v1' }),
    };
    await writeFiles(plums, root);
    await registry.reload();
    await first;
    expect(registry.list().map(({ task }) => task)).toEqual(['fruit/a-v1', 'fruit/plums-v1']);
    const [one, two, three] = [registry.reload(), registry.reload(), registry.reload()];
    expect(await three).toBe(await two);
    expect(await two).not.toBe(await one);
  });

  it('stops serving a task that changed under its id until the change is undone [B1]', async () => {
    const root = await writeFiles(version('fruit/a-v1'));
    const registry = await TaskRegistry.open([root]);
    const held = registry.get('fruit/a-v1');
    const script = path.join(root, 'data/pears/evaluate.py');
    await writeFile(script, 'print("other")\n');
    for (let time = 0; time < 2; time++) {
      expect((await registry.reload()).changed).toEqual(['fruit/a-v1']);
      const error = failure(() => registry.get('fruit/a-v1'));
      expect(error.code).toBe('task_broken');
      expect(error.message).toMatch(/changed since it was first served.*set env_id to fruit\/a-v2/);
    }
    expect(held.kind === 'task' && held.task.envId).toBe('fruit/a-v1');
    await writeFile(script, 'print("{}")\n');
    await registry.reload();
    expect(registry.get('fruit/a-v1').summary).toEqual(held.summary);
  });

  it('takes up a task when its dataset arrives [E4]', async () => {
    const files = version('fruit/a-v1');
    const data = ['data/pears/data/train.csv', 'data/pears/data/answers.csv'];
    const root = await writeFiles(Object.fromEntries(Object.entries(files).filter(([name]) => !data.includes(name))));
    const registry = await TaskRegistry.open([root]);
    expect(registry.get('fruit/a')).toMatchObject({ task: { isComplete: false } });
    await writeFiles(files, root);
    expect((await registry.reload()).changed).toEqual([]);
    expect(registry.get('fruit/a')).toMatchObject({ task: { isComplete: true } });
  });

  it('serves envs of this process beside those of packs, one id each [B1]', async () => {
    const root = await writeFiles(version('built-in/echo-v1'));
    const registry = await TaskRegistry.open([]);
    registry.register(summary, detail, factory);
    expect(registry.get('built-in/echo')).toMatchObject({ kind: 'built_in', factory });
    expect(registry.describe('built-in/echo-v1')).toBe(detail);
    expect(() => registry.register(summary, detail, factory)).toThrow('is taken');
    expect(() => registry.register({ ...summary, task: 'echo' }, detail, factory)).toThrow('namespace/name-v1');
    const late = await TaskRegistry.open([root]);
    expect(() => late.register(summary, detail, factory)).toThrow('is taken');
  });
});
