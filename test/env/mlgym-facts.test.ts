import { describe, expect, it } from 'vitest';
import { submissionRule } from '../../src/env/evaluation/submission.js';
import { MLGYM_FACTS } from '../../src/env/packs/mlgym-facts.js';
import { loadPack } from '../../src/env/packs/pack.js';
import type { Entrypoint } from '../../src/env/task.js';
import { writeFiles } from './pack-fixture.js';

type Row = [
  stem: string,
  kind: Entrypoint,
  metric: string,
  direction: string,
  gpus: number,
  submitted: string[],
  not: string[],
];

const evaluation = ['evaluate.py', 'data/train.csv', 'src/__pycache__/x.pyc'];
/** The benchmark: thirteen tasks, their priority metric, what an agent hands in. */
const BENCHMARK: Row[] = [
  ['3SATTime', 'PythonSubmissionTasks', 'Time', 'minimize', 0, ['heuristic.py'], ['solver.py', ...evaluation]],
  ['battleOfSexes', 'PythonSubmissionTasks', 'Score', 'maximize', 0, ['strategy.py'], ['target.py', ...evaluation]],
  ['blotto', 'PythonSubmissionTasks', 'Score', 'maximize', 0, ['strategy.py'], ['target.py', ...evaluation]],
  ['prisonersDilemma', 'PythonSubmissionTasks', 'Score', 'maximize', 0, ['strategy.py'], ['target.py', ...evaluation]],
  [
    'imageCaptioningCOCO',
    'CSVSubmissionTasks',
    'BLEU Score',
    'maximize',
    1,
    ['submission.csv'],
    ['baseline.py', ...evaluation],
  ],
  [
    'imageClassificationCifar10',
    'CSVSubmissionTasks',
    'accuracy',
    'maximize',
    1,
    ['submission.csv'],
    ['baseline.py', ...evaluation],
  ],
  [
    'imageClassificationFMnist',
    'CSVSubmissionTasks',
    'accuracy',
    'maximize',
    1,
    ['submission.csv'],
    ['baseline.py', ...evaluation],
  ],
  [
    'languageModelingFineWeb',
    'LMSubmissionTasks',
    'val_loss',
    'minimize',
    1,
    ['model.pt', 'model_config.pt', 'baseline.py'],
    evaluation,
  ],
  [
    'naturalLanguageInferenceMNLI',
    'LMSubmissionTasks',
    'validation_accuracy',
    'maximize',
    1,
    ['bert_mnli_model/config.json'],
    ['baseline.py', ...evaluation],
  ],
  [
    'regressionKaggleHousePrice',
    'CSVSubmissionTasks',
    'r2',
    'maximize',
    0,
    ['submission.csv'],
    ['baseline.py', ...evaluation],
  ],
  [
    'rlBreakoutMinAtar',
    'ModelSubmissionTasks',
    'Reward Mean',
    'maximize',
    1,
    ['checkpoints/c_1.pkl', 'src/config.yaml', 'src/networks.py', 'new.py'],
    evaluation,
  ],
  [
    'rlMetaMaze',
    'ModelSubmissionTasks',
    'Reward Mean',
    'maximize',
    1,
    ['checkpoints/c_1.pkl', 'src/config.yaml'],
    evaluation,
  ],
  [
    'rlMountainCarContinuous',
    'ModelSubmissionTasks',
    'Reward Mean',
    'maximize',
    1,
    ['checkpoints/c_1.pkl', 'src/config.yaml'],
    evaluation,
  ],
];
const OTHERS: Row[] = [
  ['imageClassificationCifar10L1', 'CSVSubmissionTasks', 'accuracy', 'maximize', 1, ['submission.csv'], evaluation],
  ['regressionKaggleHousePriceL1', 'CSVSubmissionTasks', 'r2', 'maximize', 0, ['submission.csv'], evaluation],
  [
    'rlMountainCarContinuousReinforce',
    'ModelSubmissionTasks',
    'Reward Mean',
    'maximize',
    1,
    ['checkpoints/c_1.pkl'],
    evaluation,
  ],
  ['titanic', 'CSVSubmissionTasks', 'accuracy', 'maximize', 0, ['submission.csv'], evaluation],
];

/** A checkout that has one task with a given name; only the names are MLGym's. */
function checkout(stem: string, kind: Entrypoint, scores: string): Promise<string> {
  return writeFiles({
    'mlgym/__init__.py': '',
    [`configs/tasks/${stem}.yaml`]: `id: some\nname: n\ndescription: d\ntask_entrypoint: ${kind}\nstarter_code: [evaluate.py]\nevaluation_paths: [evaluate.py]\nbaseline_scores:\n- ${scores}\ndataset_configs: [datasets/d.yaml]\n`,
    'configs/datasets/d.yaml': 'name: d\ndescription: d\ndata_path: set\nis_local: true\n',
    'evaluate.py': '',
    'set/answer.csv': '1',
    'set/ground_truth.csv': '1',
    'set/train.csv': '1',
  });
}

describe("a plain checkout of MLGym's tasks", () => {
  it.each([...BENCHMARK, ...OTHERS])(
    'serves %s without a sidecar [E4]',
    async (stem, kind, metric, direction, gpus, submitted, not) => {
      const { tasks, faults } = await loadPack(await checkout(stem, kind, `${metric}: 0.25`));
      expect(faults.filter((fault) => fault.severity === 'error')).toEqual([]);
      const [task] = tasks;
      expect(task).toMatchObject({
        envId: `mlgym/${stem}-v0`,
        sidecar: {
          metric: { name: metric, direction },
          baseline: { score: 0.25 },
          resources: { gpus, image: gpus > 0 ? 'gymsmith/gpu' : 'gymsmith/cpu' },
          evaluation: { mode: 'sealed' },
          limits: { max_steps: 50 },
        },
      });
      if (!task) return;
      const rule = submissionRule(task);
      expect(submitted.filter((file) => !rule.accepts(file))).toEqual([]);
      expect(not.filter((file) => rule.accepts(file))).toEqual([]);
    },
  );

  it('covers the thirteen tasks of the benchmark [E4, D3]', () => {
    expect(BENCHMARK).toHaveLength(13);
    expect(Object.keys(MLGYM_FACTS)).toEqual(expect.arrayContaining(BENCHMARK.map(([stem]) => stem)));
  });

  it('reads the baseline of titanic although its key is spelt otherwise [E4]', async () => {
    const { tasks } = await loadPack(await checkout('titanic', 'CSVSubmissionTasks', 'Accuracy: 0.76'));
    expect(tasks[0]?.sidecar).toMatchObject({ metric: { name: 'accuracy' }, baseline: { score: 0.76 } });
  });

  it.each([
    ['titanic', 'data/ground_truth.csv'],
    ['regressionKaggleHousePrice', 'data/answer.csv'],
    ['regressionKaggleHousePriceL1', 'data/answer.csv'],
  ])('hides the labels of %s, which lie in its data directory [B5, E4]', async (stem, hidden) => {
    const { tasks } = await loadPack(await checkout(stem, 'CSVSubmissionTasks', 'x: 1'));
    expect(tasks[0]?.hiddenFiles.map((file) => file.path)).toEqual([hidden]);
  });

  it('knows what the scripts load from the Hub by other names, so that nothing needs the network [E4]', async () => {
    const mnli = await loadPack(await checkout('naturalLanguageInferenceMNLI', 'LMSubmissionTasks', 'x: 1'));
    expect(mnli.tasks[0]?.sidecar).toMatchObject({
      network: 'none',
      hub: [
        { repo: 'nyu-mll/multi_nli', aliases: ['multi_nli'], type: 'dataset' },
        { repo: 'SetFit/mnli', type: 'dataset' },
        { repo: 'bert-base-uncased', type: 'model' },
      ],
    });
    const cifar = await loadPack(await checkout('imageClassificationCifar10', 'CSVSubmissionTasks', 'x: 1'));
    expect(cifar.tasks[0]?.sidecar).toMatchObject({ network: 'none', hub: [] });
  });

  it('knows versions with which requirements that name none work [E4]', async () => {
    const { tasks } = await loadPack(await checkout('rlMetaMaze', 'ModelSubmissionTasks', 'x: 1'));
    expect(tasks[0]?.sidecar.constraints).toContain('jax==0.4.38');
  });

  it('asks for a sidecar of a task that it does not know [B1, E4]', async () => {
    const { tasks, faults } = await loadPack(await checkout('mine', 'CSVSubmissionTasks', 'auc: 1'));
    expect(tasks).toEqual([]);
    expect(faults).toMatchObject([{ remedy: expect.stringContaining('write gymsmith/mine.json with') }]);
    expect(faults[0]?.remedy).toContain('"env_id": "mlgym/mine-v0"');
  });

  it('lets a sidecar overrule what is known [E4]', async () => {
    const root = await checkout('blotto', 'PythonSubmissionTasks', 'Score: 1');
    const sidecar = {
      version: 1,
      env_id: 'mlgym/blotto-v1',
      metric: { name: 'Score', direction: 'maximize' },
      resources: { cpus: 1 },
    };
    await writeFiles({ 'gymsmith/blotto.json': JSON.stringify(sidecar) }, root);
    const { tasks } = await loadPack(root);
    expect(tasks[0]).toMatchObject({ envId: 'mlgym/blotto-v1', sidecar: { resources: { cpus: 1 }, submission: null } });
  });
});
