import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadPack } from '../../src/env/packs/pack.js';
import type { PackTask } from '../../src/env/packs/pack-task.js';
import { draftOf, type TaskDraft } from '../../src/env/packs/task-draft.js';
import { removeTask, writeTask } from '../../src/env/packs/write-pack.js';
import { ENTRYPOINTS } from '../../src/env/task.js';
import { readYaml } from '../../src/yaml/yaml.js';
import { pearFiles, temporaryDirectory, writeFiles } from './pack-fixture.js';

const DRAFT: TaskDraft = {
  config: { id: 'plums', name: 'Plums', description: 'Count plums.', evaluation_paths: ['evaluate.py'] },
  datasets: [],
  files: [{ path: 'evaluate.py', contents: 'print(1)\n' }],
  requirements: null,
  sidecar: { version: 1, env_id: 'fruit/plums-v1', metric: { name: 'n', direction: 'maximize' } },
};

async function filesOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** What must survive a way through a pack. */
function essence(task: PackTask) {
  const files = (list: PackTask['starterFiles']) => list.map((f) => [f.path, f.mode, f.sizeBytes]).sort();
  const {
    dataset_configs: _d,
    starter_code: _s,
    requirements_path: _r,
    sample_submission: _p,
    ...config
  } = task.config;
  return {
    ...task,
    packRoot: null,
    configFile: null,
    config,
    starterFiles: files(task.starterFiles),
    hiddenFiles: files(task.hiddenFiles),
    requirements: files(task.requirements ? [task.requirements] : []),
    datasets: task.datasets.map(({ dataPath, ...rest }) => ({ ...rest, dataPath: rest.isLocal ? null : dataPath })),
    datasetConfigs: task.datasetConfigs.map(({ data_path: _path, ...rest }) => rest),
  };
}

const line = fc.string({
  unit: fc.constantFrom('a', 'B', ' ', ':', '#', '"', "'", '{', '}', 'é', '😀', '\t', '-', '|', '\u2028'),
});
const prose = fc.array(line, { minLength: 1, maxLength: 5 }).map((lines) => `x${lines.join('\n')}`);
const bytes = fc.uint8Array({ maxLength: 30 });
const plain = fc.constantFrom('a', 'B-1', 'c d', 'é', 'x.py', 'y_z');
const filePath = fc.array(plain, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const files = fc
  .uniqueArray(fc.record({ path: filePath, contents: bytes, mode: fc.constantFrom(0o644, 0o755) }), {
    selector: (file) => file.path,
    maxLength: 5,
  })
  .map((list) => list.filter((file) => !list.some((other) => other.path.startsWith(`${file.path}/`))));

const dataset = fc.record({
  name: prose,
  description: prose,
  data_path: fc.constantFrom('some/where', 'owner/name', 'x/extra'),
  test_split: fc.option(fc.record({ name: line, file_regex: line })),
  files: fc.option(files),
});

const drafts: fc.Arbitrary<TaskDraft> = fc
  .record({
    description: prose,
    name: prose,
    task_entrypoint: fc.constantFrom(...ENTRYPOINTS),
    training_timeout: fc.option(fc.integer({ min: 1, max: 1e6 })),
    scores: fc.option(
      fc.dictionary(fc.oneof(plain, line), fc.double({ noNaN: true, noDefaultInfinity: true }), {
        noNullPrototype: true,
      }),
    ),
    read_only: fc.boolean(),
    files,
    datasets: fc.uniqueArray(dataset, { selector: (d) => (d.files ? 'local' : d.name), maxLength: 2 }),
    hidden: fc.option(bytes),
    requirements: fc.option(bytes),
    direction: fc.constantFrom('maximize' as const, 'minimize' as const),
    steps: fc.integer({ min: 1, max: 100 }),
  })
  .map((d) => ({
    config: {
      id: 'made',
      name: d.name,
      description: d.description.replaceAll('{', '{{').replaceAll('}', '}}'),
      task_entrypoint: d.task_entrypoint,
      training_timeout: d.training_timeout,
      baseline_scores: d.scores ? [d.scores] : [],
      evaluation_paths: ['evaluate.py'],
      evaluation_read_only: d.read_only,
      use_generic_conda: d.requirements === null,
      memory_path: 'data/m.json',
    },
    datasets: d.datasets,
    files: [
      { path: 'evaluate.py', contents: 'print(1)' },
      ...d.files,
      ...(d.hidden ? [{ path: 'secret/k.csv', contents: d.hidden }] : []),
    ],
    requirements: d.requirements ? { path: 'requirements.txt', contents: d.requirements } : null,
    sidecar: {
      version: 1,
      env_id: 'made/made-v1',
      metric: { name: 'score', direction: d.direction },
      hidden_files: d.hidden ? ['secret/k.csv'] : [],
      limits: { max_steps: d.steps },
      provenance: { note: d.name },
    },
  }));

describe('writing a task', () => {
  it('gives a pack in the layout of MLGym with a sidecar [E4]', async () => {
    const root = path.join(await temporaryDirectory(), 'new');
    const task = await writeTask(root, {
      ...DRAFT,
      config: { ...DRAFT.config, requirements_path: undefined, use_generic_conda: false } as TaskDraft['config'],
      datasets: [
        { name: 'One', description: 'd', data_path: 'whatever', files: [{ path: 'a/train.csv', contents: '1' }] },
        { name: 'Hub', description: 'd', data_path: 'owner/set', files: null },
        { name: 'Two', description: 'd', data_path: 'x/extra', files: [{ path: 'b.csv', contents: '2' }] },
      ],
      files: [...DRAFT.files, { path: 'src/run.sh', contents: '#!/bin/sh\n', mode: 0o755 }],
      requirements: { path: 'ignored', contents: 'numpy\n' },
    });
    expect(await filesOf(root)).toEqual([
      'configs/datasets/plums-2.yaml',
      'configs/datasets/plums-3.yaml',
      'configs/datasets/plums.yaml',
      'configs/tasks/plums.yaml',
      'data/plums.datasets/2/extra/b.csv',
      'data/plums/data/a/train.csv',
      'data/plums/evaluate.py',
      'data/plums/requirements.txt',
      'data/plums/src/run.sh',
      'gymsmith/plums.json',
    ]);
    expect(await readFile(path.join(root, 'configs/tasks/plums.yaml'), 'utf8')).toBe(
      [
        'id: "plums"',
        'name: "Plums"',
        'description: "Count plums."',
        'dataset_configs:',
        '  - "datasets/plums.yaml"',
        '  - "datasets/plums-2.yaml"',
        '  - "datasets/plums-3.yaml"',
        'task_entrypoint: "CSVSubmissionTasks"',
        'requirements_path: "data/plums/requirements.txt"',
        'use_generic_conda: false',
        'starter_code:',
        '  - "data/plums/evaluate.py"',
        '  - "data/plums/src"',
        'evaluation_paths:',
        '  - "evaluate.py"',
        'evaluation_read_only: false',
        '',
      ].join('\n'),
    );
    expect(task.starterFiles.at(-1)).toMatchObject({ path: 'src/run.sh', mode: 0o755 });
    expect((await loadPack(root)).tasks).toEqual([task]);
  });

  it('keeps a task as it was, through load and write, and PyYAML reads the same [E4]', async () => {
    const pack = await temporaryDirectory();
    let runs = 0;
    const written: string[] = [];
    await fc.assert(
      fc.asyncProperty(drafts, async (draft) => {
        const root = path.join(pack, String(runs++));
        const first = await writeTask(path.join(root, 'a'), draft);
        const second = await writeTask(path.join(root, 'b'), await draftOf(first));
        expect(essence(second)).toEqual(essence(first));
        expect(second.contentHash).toBe(first.contentHash);
        const { tasks, faults } = await loadPack(path.join(root, 'b'));
        expect(faults.filter((fault) => fault.severity === 'error')).toEqual([]);
        expect(tasks).toEqual([second]);
        expect(first.config.description).toBe(draft.config.description);
        expect(first.baselineScores ?? {}).toEqual({ ...draft.config.baseline_scores?.[0] });
        written.push(path.join(root, 'b', first.configFile));
      }),
      { numRuns: 60 },
    );
    const script =
      'import json,sys,yaml\nprint(json.dumps([yaml.safe_load(open(f, encoding="utf-8")) for f in json.load(sys.stdin)]))';
    const python = JSON.parse(
      execFileSync('/usr/bin/python3', ['-c', script], { input: JSON.stringify(written) }).toString(),
    );
    const ours = await Promise.all(written.map(async (file) => readYaml(await readFile(file, 'utf8')).value));
    // Only Python's JSON has a negative zero.
    expect(JSON.parse(JSON.stringify(python))).toEqual(JSON.parse(JSON.stringify(ours)));
  });

  it('keeps the hash of a task that a person laid out in another way [E4]', async () => {
    const root = await writeFiles(pearFiles());
    await chmod(path.join(root, 'data/pears/src/deep/model.py'), 0o755);
    const [task] = (await loadPack(root)).tasks;
    if (!task) throw new Error('the task does not load');
    const copy = await writeTask(path.join(root, 'copy'), await draftOf(task));
    expect(copy.contentHash).toBe(task.contentHash);
    expect(essence(copy)).toEqual(essence(task));
  });

  it('notices that a published task was changed [E2]', async () => {
    const root = await temporaryDirectory();
    const { contentHash } = await writeTask(root, DRAFT, { publish: true });
    const { tasks } = await loadPack(root);
    expect(tasks[0]).toMatchObject({ contentHash, sidecar: { content_hash: contentHash } });
    await writeFile(path.join(root, 'data/plums/evaluate.py'), 'print(2)\n');
    expect(await loadPack(root)).toMatchObject({ tasks: [], faults: [{ field: 'content_hash' }] });
  });

  it.each([
    [
      'would not load',
      { ...DRAFT, config: { ...DRAFT.config, evaluation_paths: ['other.py'] } },
      /other\.py is not in the workspace/,
    ],
    ['has a file outside the workspace', { ...DRAFT, files: [{ path: '../x', contents: '' }] }, /"\.\.\/x" is no path/],
    ['has a file twice', { ...DRAFT, files: [...DRAFT.files, ...DRAFT.files] }, /EEXIST/],
    [
      'has a path that is a file and a directory',
      { ...DRAFT, files: [...DRAFT.files, { path: 'evaluate.py/x', contents: '' }] },
      /could not be written/,
    ],
    ['has an id with a slash', { ...DRAFT, config: { ...DRAFT.config, id: '../plums' } }, /may hold letters/],
    ['has a text that is none', { ...DRAFT, config: { ...DRAFT.config, name: '\ud800' } }, /Not a Unicode text/],
  ])('leaves nothing behind when the task %s [B1]', async (_name, draft: TaskDraft, message) => {
    const root = await temporaryDirectory();
    await expect(writeTask(root, draft)).rejects.toThrow(message);
    expect(await readdir(root)).toEqual([]);
  });

  it('never replaces a task or files of another one [B1]', async () => {
    const root = await temporaryDirectory();
    await writeTask(root, DRAFT);
    const before = await filesOf(root);
    await expect(writeTask(root, DRAFT)).rejects.toThrow(/has a task plums already/);
    await mkdir(path.join(root, 'data/other'));
    const other = { ...DRAFT, config: { ...DRAFT.config, id: 'other' } };
    await expect(writeTask(root, other)).rejects.toThrow(/holds data\/other without a task other/);
    expect(await filesOf(root)).toEqual(before);
  });

  it('writes over what a killed writer left [B4]', async () => {
    const root = await writeFiles({
      '.staging-plums-AbCdEf/configs/tasks/plums.yaml': 'id: plums',
      'data/plums/half.py': '',
      'gymsmith/plums.json': '{',
      'configs/datasets/plums.yaml': 'x',
      'configs/datasets/plums-tree.yaml': 'of another task',
    });
    await writeTask(root, DRAFT);
    expect(await filesOf(root)).toEqual([
      'configs/datasets/plums-tree.yaml',
      'configs/tasks/plums.yaml',
      'data/plums/evaluate.py',
      'gymsmith/plums.json',
    ]);
  });

  it('removes a task with everything of it, and nothing of tasks whose names begin alike [B4]', async () => {
    const root = await temporaryDirectory();
    const table = { name: 'Trees', description: '', data_path: 'trees', files: [{ path: 'a.csv', contents: '1\n' }] };
    const named = (id: string): TaskDraft => ({
      ...DRAFT,
      config: { ...DRAFT.config, id },
      datasets: [table],
      sidecar: { ...DRAFT.sidecar, env_id: `fruit/${id}-v1` },
    });
    await writeTask(root, named('plums-2'));
    const others = await filesOf(root);
    await writeTask(root, { ...named('plums'), datasets: [table, { ...table, data_path: 'more' }] }).catch(() => null);
    await removeTask(root, 'plums');
    await writeTask(root, named('plums'));
    expect((await loadPack(root)).tasks.map(({ id }) => id).sort()).toEqual(['plums', 'plums-2']);
    await mkdir(path.join(root, '.staging-plums-AbCdEf'));
    await removeTask(root, 'plums');
    await removeTask(root, 'plums');
    expect(await filesOf(root)).toEqual(others);
    expect(await readdir(root)).not.toContain('.staging-plums-AbCdEf');
    await removeTask(path.join(root, 'nowhere'), 'plums');
  });
});
