import { describe, expect, it } from 'vitest';
import { Baselines, memoryBaselineCache } from '../../src/env/evaluation/baselines.js';
import type { Task } from '../../src/env/task.js';
import { WORKSPACE } from '../../src/sandbox/sandbox.js';
import { ScriptedSandboxes } from '../../src/testing/scripted-sandboxes.js';
import { prints, toyTask } from './toy-task.js';

const unmeasured = (part: Partial<Task> = {}) =>
  toyTask({ baselineScores: null, baselinePath: 'baseline.py' }).then((task) => ({ ...task, ...part }));

/** Sandboxes in which the baseline writes a submission that the evaluator scores. */
function measuring(stdout = '{"r2": 0.5, "n": 3, "note": "x"}', exitCode = 0): ScriptedSandboxes {
  return new ScriptedSandboxes((request) => {
    if (request.labels.role === 'evaluation') return prints(stdout);
    return {
      exec: (_, sandbox) => {
        sandbox.write('submission.csv', 'id\n');
        return { exitCode, stdout: new TextEncoder().encode('Traceback\n') };
      },
    };
  });
}

describe('Baselines [E8]', () => {
  it('takes declared scores without a sandbox', async () => {
    const sandboxes = measuring();
    const baselines = new Baselines(sandboxes);
    expect(await baselines.of(await toyTask())).toEqual({ r2: 0.5 });
    const fromSidecar = await toyTask({ baselineScores: null, sidecar: { baseline: { score: 0.25 } } });
    expect(await baselines.of(fromSidecar)).toEqual({ r2: 0.25 });
    expect(await baselines.of(await toyTask({ baselineScores: null }))).toBeNull();
    expect(sandboxes.made).toEqual([]);
  });

  it('runs the baseline once for all who ask, and remembers', async () => {
    const sandboxes = measuring();
    const cache = memoryBaselineCache();
    const baselines = new Baselines(sandboxes, cache);
    const task = await unmeasured();
    const both = await Promise.all([baselines.of(task), baselines.of(task)]);
    expect(both).toEqual([
      { r2: 0.5, n: 3 },
      { r2: 0.5, n: 3 },
    ]);
    expect(sandboxes.made.map(({ request }) => request.labels.role)).toEqual(['baseline', 'evaluation']);
    expect(sandboxes.made[0]?.sandbox.files.has(`${WORKSPACE}/labels.csv`)).toBe(false);
    expect(await new Baselines(sandboxes, cache).of(task)).toEqual({ r2: 0.5, n: 3 });
    await baselines.close();
    expect(sandboxes.made).toHaveLength(2);
    expect(sandboxes.held).toEqual([]);
  });

  it.each([
    ['a script that fails', measuring('{"r2": 0.5}', 1), 'Failed to run baseline script baseline.py: Traceback'],
    ['a score that is none', measuring('{"r2": NaN}'), 'not finite'],
  ])('blames the task for %s', async (_, sandboxes, text) => {
    const baselines = new Baselines(sandboxes);
    await expect(baselines.of(await unmeasured())).rejects.toMatchObject({
      code: 'task_broken',
      message: expect.stringContaining(text),
    });
    await baselines.close();
    expect(sandboxes.held).toEqual([]);
  });

  it('lets one who asked give up without ending it for others', async () => {
    const baselines = new Baselines(measuring());
    const task = await unmeasured();
    const impatient = baselines.of(task, AbortSignal.abort(new Error('enough')));
    const patient = baselines.of(task);
    await expect(impatient).rejects.toThrow('enough');
    expect(await patient).toEqual({ r2: 0.5, n: 3 });
    await baselines.close();
  });

  it('ends a measurement that runs when it is closed', async () => {
    const sandboxes = new ScriptedSandboxes(() => ({ exec: () => new Promise(() => {}) }));
    const baselines = new Baselines(sandboxes);
    const failed = expect(baselines.of(await unmeasured())).rejects.toMatchObject({ code: 'evaluation_unavailable' });
    await expect.poll(() => sandboxes.made.length).toBe(1);
    await baselines.close();
    await failed;
    expect(sandboxes.held).toEqual([]);
  });
});
