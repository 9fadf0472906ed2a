import { describe, expect, it } from 'vitest';
import { BUILTIN_ENVS } from '../../src/env/builtin-envs.js';
import { FileHashes } from '../../src/env/packs/file-hashes.js';
import { TaskRegistry } from '../../src/env/registry.js';
import { EpisodeState, ResetResult, StepResult, TaskDetail, TaskSummary } from '../../src/protocol/index.js';

const env = (task: string) => {
  const found = BUILTIN_ENVS.find(({ summary }) => summary.task === task);
  if (!found) throw new Error(`no ${task}`);
  return found.factory('e1', { task, seed: 3 });
};

describe('built-in envs', () => {
  it('speak the contract and register', async () => {
    const registry = await TaskRegistry.open([], FileHashes.inMemory());
    for (const { summary, detail, factory } of BUILTIN_ENVS) {
      expect(TaskSummary.parse(summary)).toEqual(summary);
      expect(TaskDetail.parse(detail)).toEqual(detail);
      registry.register(summary, detail, factory);
    }
    expect(registry.list('bench').map(({ task }) => task)).toEqual(['bench/echo-v1', 'bench/wait-v1']);
  });

  it('echo', async () => {
    const echo = env('bench/echo-v1');
    await expect(echo.step('a')).rejects.toMatchObject({ code: 'reset_needed' });
    expect(ResetResult.parse(await echo.reset()).info.seed).toBe(3);
    expect(StepResult.parse(await echo.step('hello'))).toMatchObject({
      observation: { text: 'hello', step: 1 },
      reward: 1,
    });
    expect((await echo.step({ type: 'bash', command: 'ls' })).observation.text).toBe('ls');
    expect(await echo.step({ type: 'submit' })).toMatchObject({ terminated: true, info: { exit_status: 'submitted' } });
    await expect(echo.step('a')).rejects.toMatchObject({ code: 'episode_over' });
    expect(EpisodeState.parse(echo.state())).toMatchObject({ status: 'ended', terminated: true, step_count: 3 });
    await echo.close();
  });

  it('wait, and stop waiting when closed', async () => {
    const wait = env('bench/wait-v1');
    await wait.reset();
    expect((await wait.step('0.001')).observation.text).toBe('0.001');
    expect((await wait.step({ type: 'wait', timeout_s: 0.002 })).observation.text).toBe('0.002');
    expect((await wait.step('not a number')).observation.text).toBe('0');
    expect((await wait.step('100', { signal: AbortSignal.timeout(2) })).observation.text).toBe('100');
    const step = wait.step('100');
    const failed = expect(step).rejects.toMatchObject({ code: 'cancelled' });
    await expect(wait.step('0')).rejects.toMatchObject({ code: 'episode_busy' });
    await wait.close();
    await failed;
    expect(EpisodeState.parse(wait.state())).toMatchObject({ truncated: true, exit_status: 'closed' });
  });
});
