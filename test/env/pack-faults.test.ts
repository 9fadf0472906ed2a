import { execFileSync } from 'node:child_process';
import { symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../src/env/packs/pack.js';
import { formatFault, type PackFault } from '../../src/env/packs/pack-fault.js';
import { DATASET_YAML, pearFiles, SIDECAR, TASK_YAML, temporaryDirectory, writeFiles } from './pack-fixture.js';

async function load(change: Readonly<Record<string, string | null>> = {}) {
  return loadPack(await writeFiles(pearFiles(change)));
}

function sidecar(change: Record<string, unknown>): string {
  return JSON.stringify({ ...SIDECAR, ...change }, null, 2);
}

type Expected = Pick<PackFault, 'file' | 'line' | 'field'> & { problem: RegExp; remedy: RegExp };

function task(change: (yaml: string) => string) {
  return { 'configs/tasks/pears.yaml': change(TASK_YAML) };
}

const inTask = (line: number | null, field: string | null, problem: RegExp, remedy: RegExp): Expected => ({
  file: 'configs/tasks/pears.yaml',
  line,
  field,
  problem,
  remedy,
});

const inSidecar = (line: number | null, field: string | null, problem: RegExp, remedy: RegExp): Expected => ({
  ...inTask(line, field, problem, remedy),
  file: 'gymsmith/pears.json',
});

const inDataset = (line: number | null, field: string | null, problem: RegExp, remedy: RegExp): Expected => ({
  ...inTask(line, field, problem, remedy),
  file: 'configs/datasets/pears.yaml',
});

const FAULTS: [name: string, change: Record<string, string | null>, expected: Expected][] = [
  [
    'broken YAML',
    task((y) => y.replace('name: Pears', 'name: "Pears')),
    inTask(3, null, /cannot be read: .*quote/i, /YAML/),
  ],
  ['a tab as indentation', task((y) => y.replace('- rmse', '\t- rmse')), inTask(19, null, /tab/i, /YAML/)],
  ['a duplicate key', task((y) => `${y}name: again\n`), inTask(24, null, /unique/, /YAML/)],
  ['a second document', task((y) => `${y}---\nid: x\n`), inTask(24, null, /multiple documents/, /YAML/)],
  ['a control character', task((y) => y.replace('name: Pears', 'name: P\u0007')), inTask(3, null, /U\+0007/, /YAML/)],
  [
    'a Python object',
    task((y) => y.replace('name: Pears', 'name: !!python/name:os.system x')),
    inTask(3, null, /tag/, /YAML/),
  ],
  ['a file without fields', task(() => '- 1\n'), inTask(1, null, /no mapping/, /id, name, description/)],
  ['an empty file', task(() => ''), inTask(1, null, /no mapping/, /id, name/)],
  ['a missing id', task((y) => y.replace('id: pears\n', '')), inTask(2, 'id', /is missing/, /short name/)],
  ['a missing name', task((y) => y.replace('name: Pears\n', '')), inTask(2, 'name', /is missing/, /title/)],
  [
    'a missing description',
    task((y) => y.replace(/description[\s\S]*?\ndata/, 'data')),
    inTask(2, 'description', /is missing/, /goal/),
  ],
  [
    'missing evaluation_paths',
    task((y) => y.replace('evaluation_paths:\n- evaluate.py\n', '')),
    inTask(2, 'evaluation_paths', /is missing/, /evaluate\.py/),
  ],
  [
    'empty evaluation_paths',
    task((y) => y.replace('evaluation_paths:\n- evaluate.py', 'evaluation_paths: []')),
    inTask(21, 'evaluation_paths', /is empty/, /evaluate\.py/),
  ],
  [
    'a number for a name',
    task((y) => y.replace('name: Pears', 'name: 12')),
    inTask(3, 'name', /must be a text, is 12/, /title/),
  ],
  [
    'a date for an id',
    task((y) => y.replace('id: pears', 'id: 2020-01-01')),
    inTask(2, 'id', /must be a text, is a date/, /quote/),
  ],
  [
    'an id with a slash',
    task((y) => y.replace('id: pears', 'id: a/b')),
    inTask(2, 'id', /may hold letters/, /my-task/),
  ],
  [
    'a text for a time',
    task((y) => y.replace('600', 'ten')),
    inTask(11, 'training_timeout', /must be a number, is the text "ten"/, /1800/),
  ],
  ['a negative time', task((y) => y.replace('600', '-5')), inTask(11, 'training_timeout', /greater than 0/, /1800/)],
  [
    'a fraction for a time',
    task((y) => y.replace('600', '1.5')),
    inTask(11, 'training_timeout', /whole number/, /1800/),
  ],
  [
    'a text for a list',
    task((y) => y.replace('dataset_configs:\n- datasets/pears.yaml', 'dataset_configs: datasets/pears.yaml')),
    inTask(8, 'dataset_configs', /must be a list/, /datasets\/mine/),
  ],
  [
    'an unknown entrypoint',
    task((y) => y.replace('CSVSubmissionTasks', 'CsvSubmissionTask')),
    inTask(10, 'task_entrypoint', /did you mean CSVSubmissionTasks\?/, /kind of submission/),
  ],
  [
    'a text for a switch',
    task((y) => y.replace('read_only: true', 'read_only: maybe')),
    inTask(23, 'evaluation_read_only', /true or false, is the text "maybe"/, /true or false/),
  ],
  [
    'a score that is a text',
    task((y) => y.replace('5e-1', 'good')),
    inTask(20, 'baseline_scores[0].r2', /must be a number, is the text "good"/, /accuracy: 0\.5/),
  ],
  [
    'a score that is not finite',
    task((y) => y.replace('24000', '.nan')),
    inTask(19, 'baseline_scores[0].rmse', /finite number/, /accuracy/),
  ],
  [
    'scores that are no list',
    task((y) => y.replace('- rmse: 24000\n  r2: 5e-1', '  rmse: 1')),
    inTask(18, 'baseline_scores', /must be a list, is a mapping/, /accuracy/),
  ],
  [
    'a lone brace',
    task((y) => y.replace('of pears.', 'of { pears.')),
    inTask(5, 'description', /names nothing|never closed/, /double every brace/),
  ],
  [
    'an unknown placeholder',
    task((y) => y.replace('{dataset_docs}', 'see\n  {docs}')),
    inTask(7, 'description', /\{docs\} names nothing/, /double every brace/),
  ],
  [
    'a dataset file that is missing',
    task((y) => y.replace('datasets/pears', 'datasets/plums')),
    inTask(9, 'dataset_configs[0]', /no configs\/datasets\/plums\.yaml/, /add it or correct/),
  ],
  [
    'a dataset file outside the pack',
    task((y) => y.replace('datasets/pears', '../../x')),
    inTask(9, 'dataset_configs[0]', /leads out of the pack/, /relative path/),
  ],
  [
    'starter code that is missing',
    task((y) => y.replace('pears/src', 'pears/source')),
    inTask(15, 'starter_code[2]', /no data\/pears\/source/, /add it or correct/),
  ],
  [
    'starter code outside the pack',
    task((y) => y.replace('data/pears/src', '../src')),
    inTask(15, 'starter_code[2]', /leads out of the pack/, /below the pack/),
  ],
  [
    'starter code by an absolute path',
    task((y) => y.replace('data/pears/src', '/etc/passwd')),
    inTask(15, 'starter_code[2]', /leads out of the pack/, /below the pack/),
  ],
  [
    'the pack as starter code',
    task((y) => y.replace('data/pears/src', '.')),
    inTask(15, 'starter_code[2]', /whole pack/, /below data/),
  ],
  [
    'a name that two starter files share',
    { ...task((y) => y.replace('data/pears/src', 'data/evaluate.py')), 'data/evaluate.py': '' },
    inTask(15, 'starter_code[2]', /evaluate\.py is in the workspace already/, /once/),
  ],
  [
    'starter code in the data directory',
    { ...task((y) => y.replace('data/pears/src', 'data/x/data')), 'data/x/data/f': '' },
    inTask(15, 'starter_code[2]', /dataset is mounted/, /rename it/),
  ],
  [
    'an evaluation script that is not there',
    task((y) => y.replace('evaluation_paths:\n- evaluate.py', 'evaluation_paths:\n- score.py')),
    inTask(22, 'evaluation_paths[0]', /score\.py is not in the workspace/, /starter_code/),
  ],
  [
    'a baseline script that is not there',
    task((y) => y.replace('- baseline.py', '- base.py').replace(/baseline_scores[\s\S]*?eval/, 'eval')),
    inTask(17, 'baseline_paths[0]', /base\.py is not in the workspace/, /starter_code/),
  ],
  [
    'requirements that are missing',
    task((y) => `${y}use_generic_conda: false\nrequirements_path: req.txt\n`),
    inTask(25, 'requirements_path', /no req\.txt/, /add it/),
  ],
  [
    'an own environment without requirements',
    task((y) => `${y}use_generic_conda: false\n`),
    inTask(24, 'use_generic_conda', /no requirements_path/, /requirements\.txt/),
  ],
  [
    'a sample submission that is missing',
    task((y) => `${y}sample_submission: s.csv\n`),
    inTask(24, 'sample_submission', /no s\.csv/, /add it/),
  ],
  [
    'a secret file that is nowhere',
    task((y) => `${y}secret_files: [keys.txt]\n`),
    inTask(24, 'secret_files[0]', /keys\.txt is not in the workspace/, /starter_code or the dataset/),
  ],
  [
    'a dataset without name',
    { 'configs/datasets/pears.yaml': DATASET_YAML.replace('name: Pears 2020\n', '') },
    inDataset(1, 'name', /is missing/, /name of the dataset/),
  ],
  [
    'a split that is no mapping',
    { 'configs/datasets/pears.yaml': `${DATASET_YAML}test_split: all\n` },
    inDataset(8, 'test_split', /must be a mapping/, /file_regex/),
  ],
  [
    'data outside the pack',
    { 'configs/datasets/pears.yaml': DATASET_YAML.replace('data/pears/data', '../../etc') },
    inDataset(3, 'data_path', /leads out of the pack/, /below the pack/),
  ],
  [
    'a file for a dataset',
    { 'configs/datasets/pears.yaml': DATASET_YAML.replace('pears/data', 'pears/evaluate.py') },
    inDataset(3, 'data_path', /is a file/, /directory/),
  ],
  [
    'a broken sidecar',
    { 'gymsmith/pears.json': '{\n "version": 1,\n "env_id" 3\n}' },
    inSidecar(3, null, /cannot be read/, /JSON/),
  ],
  ['a cut-off sidecar', { 'gymsmith/pears.json': '{\n "version": 1,\n' }, inSidecar(3, null, /cannot be read/, /JSON/)],
  [
    'a sidecar of another version',
    { 'gymsmith/pears.json': sidecar({ version: 2 }) },
    inSidecar(2, 'version', /must be one of 1/, /"version": 1/),
  ],
  [
    'a malformed env id',
    { 'gymsmith/pears.json': sidecar({ env_id: 'pears' }) },
    inSidecar(3, 'env_id', /namespace\/name-v1/, /my-task-v1/),
  ],
  [
    'a metric without direction',
    { 'gymsmith/pears.json': sidecar({ metric: { name: 'x' } }) },
    inSidecar(4, 'metric.direction', /must be one of maximize, minimize|is missing/, /"maximize" or "minimize"/),
  ],
  [
    'a misspelt field of a sidecar',
    { 'gymsmith/pears.json': sidecar({ hiden_files: [] }) },
    inSidecar(12, 'hiden_files', /is not a field/, /write hidden_files/),
  ],
  [
    'a repository of the Hub without a name',
    { 'gymsmith/pears.json': sidecar({ hub: [{ repo: 'a/b/c' }] }) },
    inSidecar(14, 'hub[0].repo', /owner\/name/, /list repositories/),
  ],
  [
    'a hidden file that is nowhere',
    { 'gymsmith/pears.json': sidecar({ hidden_files: ['data/answers.csv', 'data/nope.csv'] }) },
    inSidecar(11, 'hidden_files[1]', /data\/nope\.csv is not in the workspace/, /add it/),
  ],
  [
    'two baselines that disagree',
    { 'gymsmith/pears.json': sidecar({ baseline: { score: 23000 } }) },
    inSidecar(13, 'baseline.score', /is 23000, but baseline_scores of the task says 24000/, /measure/),
  ],
  [
    'a task that changed after it was published',
    { 'gymsmith/pears.json': sidecar({ content_hash: 'sha256:00' }) },
    inSidecar(12, 'content_hash', /not the one that was published/, /new version/),
  ],
  [
    'a task without sidecar',
    { 'gymsmith/pears.json': null },
    inTask(2, null, /which metric is the score/, /gymsmith\/pears\.json .*"name": "rmse"/),
  ],
  ['text that is not UTF-8', {}, inTask(null, null, /not UTF-8/, /save it as UTF-8/)],
];

describe('a faulty pack', () => {
  it.each(FAULTS)('names file, line, field and remedy of %s [B1]', async (name, change, expected) => {
    const root = await writeFiles(pearFiles(change));
    if (name === 'text that is not UTF-8') {
      await writeFile(path.join(root, 'configs/tasks/pears.yaml'), Buffer.from([0x69, 0x64, 0x3a, 0xff, 0xfe]));
    }
    const { tasks, faults } = await loadPack(root);
    expect(tasks).toEqual([]);
    const errors = faults.filter((fault) => fault.severity === 'error');
    expect(errors[0], faults.map(formatFault).join('\n')).toMatchObject({
      file: expected.file,
      line: expected.line,
      field: expected.field,
      problem: expect.stringMatching(expected.problem),
      remedy: expect.stringMatching(expected.remedy),
    });
  });

  it('warns of fields that mean nothing and suggests the right one [B1]', async () => {
    const { tasks, faults } = await load(task((yaml) => `${yaml}trainig_timeout: 5\nnam: x\n`));
    expect(tasks).toHaveLength(1);
    expect(faults.map(formatFault)).toEqual([
      'configs/tasks/pears.yaml:24: trainig_timeout: is not a field of this file - write training_timeout',
      'configs/tasks/pears.yaml:25: nam: is not a field of this file - write name',
    ]);
  });

  it('warns of a sample submission that the agent does not get [B1, E4]', async () => {
    const { tasks, faults } = await load({
      ...task((yaml) => `${yaml}sample_submission: data/pears/s.csv\n`),
      'data/pears/s.csv': 'b\n',
    });
    expect(tasks).toHaveLength(1);
    expect(faults).toMatchObject([{ severity: 'warning', line: 24, field: 'sample_submission' }]);
  });

  it('refuses links that lead out, in data and in code [B1, B5]', async () => {
    for (const [at, file, field] of [
      ['data/pears/src/etc', 'configs/tasks/pears.yaml', 'starter_code[2]'],
      ['data/pears/data/etc', 'configs/datasets/pears.yaml', 'data_path'],
    ] as const) {
      const root = await writeFiles(pearFiles());
      await symlink('/etc/hostname', path.join(root, at));
      const { tasks, faults } = await loadPack(root);
      expect(tasks).toEqual([]);
      expect(faults).toMatchObject([
        {
          file,
          field,
          problem: expect.stringContaining('a link that leads out'),
          remedy: expect.stringContaining('replace the link'),
        },
      ]);
    }
  });

  it('refuses links that run in a circle [B1]', async () => {
    const root = await writeFiles(pearFiles());
    await symlink('..', path.join(root, 'data/pears/src/loop'));
    await symlink('self', path.join(root, 'data/pears/src/self'));
    const { tasks, faults } = await loadPack(root);
    expect(tasks).toEqual([]);
    expect(faults).toMatchObject([{ field: 'starter_code[2]', problem: expect.stringMatching(/link to/) }]);
  });

  it('tells of sidecars without task, of env ids taken twice, of two files with one name [B1]', async () => {
    const { tasks, faults } = await load({
      'gymsmith/ghost.json': '{}',
      'configs/tasks/pears.yml': TASK_YAML,
      'configs/tasks/zz.yaml': TASK_YAML.replace('id: pears', 'id: zz'),
      'gymsmith/zz.json': sidecar({}),
    });
    expect(tasks).toHaveLength(1);
    expect(faults.map(formatFault)).toEqual([
      'configs/tasks/pears.yml: has the same name as configs/tasks/pears.yaml - remove one of the two',
      'gymsmith/zz.json: env_id: fruit/pears-v3 is taken by configs/tasks/pears.yaml - give every task its own env_id',
      'gymsmith/ghost.json: belongs to no task: there is no configs/tasks/ghost.yaml - rename or remove it',
    ]);
  });

  it('is loaded past directories and pipes that are named like files [B1]', async () => {
    const root = await writeFiles(pearFiles({ 'configs/tasks/dir.yaml/x': '' }));
    execFileSync('mkfifo', [path.join(root, 'configs/tasks/pipe.yaml')]);
    const { tasks, faults } = await loadPack(root);
    expect(tasks).toHaveLength(1);
    expect(faults.map(formatFault)).toEqual([
      'configs/tasks/dir.yaml: is not a file - replace it by a file',
      'configs/tasks/pipe.yaml: is not a file - replace it by a file',
    ]);
    execFileSync('mkfifo', [path.join(root, 'data/pears/src/pipe')]);
    expect((await loadPack(root)).faults).toContainEqual(
      expect.objectContaining({ field: 'starter_code[2]', problem: 'src/pipe is neither a file nor a directory' }),
    );
  });

  it('says what a directory lacks to be a pack [B1]', async () => {
    for (const root of [await temporaryDirectory(), '/no/such/place']) {
      const { tasks, faults } = await loadPack(root);
      expect(tasks).toEqual([]);
      expect(faults).toMatchObject([
        {
          file: 'configs/tasks',
          problem: expect.stringContaining(`${root} is no task pack`),
          remedy: expect.stringContaining('configs/tasks'),
        },
      ]);
    }
  });
});
