import { mkdir, rename, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../src/env/packs/pack.js';
import { formatFault } from '../../src/env/packs/pack-fault.js';
import { DATASET_YAML, pearFiles, SIDECAR, TASK_YAML, writeFiles } from './pack-fixture.js';

async function load(change: Readonly<Record<string, string | null>> = {}) {
  return loadPack(await writeFiles(pearFiles(change)));
}

function sidecar(change: Record<string, unknown>): string {
  return JSON.stringify({ ...SIDECAR, ...change }, null, 2);
}

describe('a task pack', () => {
  it('gives a task with everything that its files say [E2, E4]', async () => {
    const pack = await load();
    expect(pack.faults).toEqual([]);
    const [task] = pack.tasks;
    expect(task).toMatchObject({
      envId: 'fruit/pears-v3',
      id: 'pears',
      name: 'Pears',
      description:
        'Predict the weight of pears.\nPEARS 2020:\nWeights of pears.\n\n\nWrite {"weight": 1} to `submission.csv`.',
      entrypoint: 'CSVSubmissionTasks',
      trainingTimeoutS: 600,
      evaluationPath: 'evaluate.py',
      evaluationReadOnly: true,
      baselinePath: 'baseline.py',
      baselineScores: { rmse: 24000, r2: 0.5 },
      datasets: [{ name: 'Pears 2020', description: 'Weights of pears.', isLocal: true }],
      isComplete: true,
    });
    expect(task?.datasets[0]?.dataPath).toBe(path.join(pack.root, 'data/pears/data'));
    expect(task?.starterFiles.map((file) => file.path)).toEqual([
      'baseline.py',
      'evaluate.py',
      'src/__init__.py',
      'src/deep/model.py',
    ]);
    expect(task?.hiddenFiles.map((file) => file.path)).toEqual(['data/answers.csv']);
    expect(task?.sidecar).toMatchObject({
      baseline: { score: 24000, std: 0, runs: 1 },
      metric: { name: 'rmse', direction: 'minimize', tolerance: 0.5, bounds: null },
      evaluation: { mode: 'sealed', run_as: 'evaluator' },
      limits: { max_steps: 50 },
    });
    expect(task?.contentHash).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('fills in the defaults of the format [E4]', async () => {
    const { tasks, faults } = await load({
      'configs/tasks/pears.yaml':
        'id: pears\nname: P\ndescription: no braces\nstarter_code: [data/pears/evaluate.py]\nevaluation_paths: [evaluate.py]\ndataset_configs:\n',
      'gymsmith/pears.json': sidecar({ hidden_files: [] }),
    });
    expect(faults).toEqual([]);
    expect(tasks[0]).toMatchObject({
      entrypoint: 'CSVSubmissionTasks',
      trainingTimeoutS: 3600,
      datasets: [],
      baselinePath: null,
      baselineScores: null,
      evaluationReadOnly: false,
      config: { use_generic_conda: true, requirements_path: null },
    });
    expect(tasks[0]?.sidecar.baseline).toBeNull();
  });

  it('keeps the fields that only MLGym uses [E4]', async () => {
    const extra = 'requirements_path: data/pears/req.txt\nuse_generic_conda: false\nmemory_path: data/pears/m.json\n';
    const { tasks, faults } = await load({
      'configs/tasks/pears.yaml': TASK_YAML + extra,
      'data/pears/req.txt': 'numpy\n',
    });
    expect(faults).toEqual([]);
    expect(tasks[0]?.config).toMatchObject({
      requirements_path: 'data/pears/req.txt',
      use_generic_conda: false,
      memory_path: 'data/pears/m.json',
    });
    expect(tasks[0]?.datasetConfigs[0]?.train_split).toEqual({ name: 'train', file_regex: './data/train*' });
  });

  it('warns of a split that fits no file of its dataset [B1, E4]', async () => {
    const split = 'test_split:\n  name: test\n  file_regex: ./data/tests*\n';
    const { tasks, faults } = await load({ 'configs/datasets/pears.yaml': DATASET_YAML + split });
    expect(tasks).toHaveLength(1);
    expect(faults.map(formatFault)).toEqual([
      'configs/datasets/pears.yaml:10: test_split.file_regex: ./data/tests* fits no file of the dataset - write a pattern of the workspace such as ./data/train*, or leave the split out',
    ]);
  });

  it('hides secret_files, named by the workspace or by the pack [E4, B5]', async () => {
    for (const secret of ['baseline.py', 'data/pears/baseline.py']) {
      const { tasks, faults } = await load({ 'configs/tasks/pears.yaml': `${TASK_YAML}secret_files: [${secret}]\n` });
      expect(faults).toEqual([]);
      expect(tasks[0]?.hiddenFiles.map((file) => file.path)).toEqual(['baseline.py', 'data/answers.csv']);
      expect(tasks[0]?.starterFiles.map((file) => file.path)).not.toContain('baseline.py');
    }
  });

  it('puts a second local dataset inside the first [E4]', async () => {
    const { tasks, faults } = await load({
      'configs/tasks/pears.yaml': TASK_YAML.replace('pears.yaml', 'pears.yaml\n- datasets/more.yaml'),
      'configs/datasets/more.yaml': 'name: More\ndescription: m\ndata_path: data/more/extra\nis_local: true\n',
      'data/more/extra/secret.csv': '1\n',
      'gymsmith/pears.json': sidecar({ hidden_files: ['data/extra/secret.csv'] }),
    });
    expect(faults).toEqual([]);
    expect(tasks[0]?.hiddenFiles.map((file) => file.path)).toEqual(['data/extra/secret.csv']);
  });

  it('ignores what interpreters leave behind', async () => {
    const plain = await load();
    const used = await load({ 'data/pears/src/__pycache__/model.pyc': 'x', 'data/pears/data/.DS_Store': 'x' });
    expect(used.tasks[0]?.contentHash).toBe(plain.tasks[0]?.contentHash);
  });

  it('follows links inside the pack', async () => {
    const root = await writeFiles(pearFiles());
    await rename(path.join(root, 'data/pears/evaluate.py'), path.join(root, 'data/common.py'));
    await symlink('../common.py', path.join(root, 'data/pears/evaluate.py'));
    const { tasks, faults } = await loadPack(root);
    expect(faults).toEqual([]);
    expect(tasks[0]?.starterFiles[1]).toMatchObject({
      path: 'evaluate.py',
      hostPath: path.join(root, 'data/common.py'),
    });
    expect(tasks[0]?.contentHash).toBe((await load()).tasks[0]?.contentHash);
  });

  it('loads the other tasks beside a broken one [B1]', async () => {
    const { tasks, faults } = await load({ 'configs/tasks/apples.yaml': 'id: [apples\nname: x\n' });
    expect(tasks.map((task) => task.envId)).toEqual(['fruit/pears-v3']);
    expect(faults.map((fault) => fault.file)).toEqual(['configs/tasks/apples.yaml']);
  });

  it('takes the namespace of a task without sidecar id from the checkout or the directory [E4]', async () => {
    const root = await writeFiles({ 'My Pack!/configs/tasks/a.yaml': 'id: a' });
    const { namespace, faults } = await loadPack(path.join(root, 'My Pack!'));
    expect(namespace).toBe('my-pack');
    expect(faults[0]?.envId).toBe('my-pack/a-v0');
    await mkdir(path.join(root, 'My Pack!/mlgym'));
    expect((await loadPack(path.join(root, 'My Pack!'))).namespace).toBe('mlgym');
  });

  it('serves two tasks that share an id by the names of their files [E4]', async () => {
    const { tasks, faults } = await load({
      'configs/tasks/pears2.yaml': TASK_YAML,
      'gymsmith/pears2.json': sidecar({ env_id: 'fruit/pears2-v1' }),
    });
    expect(tasks.map((task) => task.envId)).toEqual(['fruit/pears-v3', 'fruit/pears2-v1']);
    expect(faults).toMatchObject([{ severity: 'warning', file: 'configs/tasks/pears2.yaml', field: 'id' }]);
  });

  it('marks a task whose dataset is not there yet as incomplete [B1, E4]', async () => {
    const { tasks, faults } = await load({ 'data/pears/data/train.csv': null, 'data/pears/data/answers.csv': null });
    expect(tasks[0]?.isComplete).toBe(false);
    expect(faults.map((fault) => `${fault.severity} ${formatFault(fault)}`)).toEqual([
      'warning configs/datasets/pears.yaml:3: data_path: there is no data/pears/data in the pack - put the data there before an episode of the task is asked for',
    ]);
  });
});
