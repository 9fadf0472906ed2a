import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { Output } from '../../src/cli/output.js';
import { type CheckRequest, checkPacks } from '../../src/cli/tasks/check-packs.js';
import { printCheck } from '../../src/cli/tasks/print-check.js';
import { showTask } from '../../src/cli/tasks/show-task.js';
import { printTasks } from '../../src/cli/tasks/task-table.js';
import { TaskRegistry } from '../../src/env/registry.js';
import { pearFiles, writeFiles } from '../env/pack-fixture.js';
import { runCli } from './run-cli.js';

async function printed(write: (output: Output) => unknown): Promise<string> {
  const stream = new PassThrough();
  await write(new Output(stream, {}));
  stream.end();
  return text(stream);
}

const REQUEST: CheckRequest = { targets: [], packs: [], runs: 1, filesOnly: true, json: false };

describe('gymsmith tasks', () => {
  it('lists tasks with metric, direction, baseline, GPUs and steps [C4]', async () => {
    const registry = await TaskRegistry.open([await writeFiles(pearFiles())]);
    expect(await printed((output) => printTasks(registry.list(), output))).toBe(
      'TASK            KIND  METRIC  BASELINE  GPUS  STEPS\nfruit/pears-v3  CSV   rmse ↓     24000     0     50\n',
    );
  });

  it('shows everything about a task to its author [C4]', async () => {
    const registry = await TaskRegistry.open([await writeFiles(pearFiles())]);
    const entry = registry.get('fruit/pears');
    if (entry.kind !== 'task') throw new Error('not a task of a pack');
    const shown = await printed((output) => showTask(entry.task, output));
    for (const part of [
      'Pears',
      'rmse ↓ (minimize',
      'hidden      data/answers.csv',
      'evaluate.py, sealed',
      'Weights of pears',
      'src/deep/model.py (6 B)',
    ]) {
      expect(shown).toContain(part);
    }
  });

  it('checks files and names every fault by a path that an editor opens [B1]', async () => {
    const root = await writeFiles(pearFiles({ 'data/pears/evaluate.py': null }));
    let isSound = true;
    const out = await printed(async (output) => {
      isSound = await checkPacks({ ...REQUEST, targets: [root] }, output);
    });
    expect(isSound).toBe(false);
    expect(out).toBe(
      [
        `error    ${path.join(root, 'configs/tasks/pears.yaml')}:14: starter_code[1]: there is no data/pears/evaluate.py in the pack - add it or correct the path`,
        '0 tasks load, 1 error, 0 to look at.',
        '',
      ].join('\n'),
    );
    await expect(
      checkPacks({ ...REQUEST, targets: ['fruit/pears'], packs: [root] }, new Output(new PassThrough())),
    ).rejects.toMatchObject({
      code: 'task_broken',
    });
  });

  it('fails and says so when there is nothing to list [B1]', async () => {
    const run = await runCli(['tasks', 'list', 'nowhere']);
    expect([run.code, run.stdout]).toEqual([1, 'There is no task whose id begins with nowhere.\n']);
  });

  it('gives one JSON document for programs', async () => {
    const root = await writeFiles(pearFiles());
    const out = await printed((output) => checkPacks({ ...REQUEST, targets: [root], json: true }, output));
    expect(JSON.parse(out)).toEqual({ version: 1, faults: [], reports: [] });
  });

  it('refuses targets that are neither packs nor ids [B1]', async () => {
    const output = new Output(new PassThrough());
    await expect(checkPacks({ ...REQUEST, targets: ['./nowhere'] }, output)).rejects.toThrow(
      /neither a directory nor an env id/,
    );
  });

  it('prints findings with what to do about them', async () => {
    const finding = {
      name: 'determinism',
      verdict: 'fail',
      detail: 'differ by 1',
      remedy: 'seed evaluate.py',
    } as const;
    const report = {
      version: 1,
      task: 'a/b-v1',
      content_hash: 'x',
      verdict: 'fail',
      findings: [finding],
      baseline: null,
    } as const;
    const out = await printed((output) =>
      printCheck({ ...report, findings: [finding], evaluation_ms: [], reset_ms: [], duration_ms: 1500 }, output),
    );
    expect(out).toMatch(
      /FAIL {2}equal scores for equal work +differ by 1\n +seed evaluate\.py\n {2}a\/b-v1 does not work \(1\.5 s\)/,
    );
  });
});
