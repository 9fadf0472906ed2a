import { describe, expect, it } from 'vitest';
import { begunEpisode } from './toy-task.js';

describe('a soft deadline', () => {
  const slow = () => {
    let finish = (_: object): void => {};
    const run = ({ emit, interrupted }: { emit: (text: string) => void; interrupted: AbortSignal }) => {
      emit('epoch 1\n');
      return new Promise<object>((resolve) => {
        finish = resolve;
        interrupted.addEventListener('abort', () =>
          resolve({ status: 'interrupted', exitCode: 137, output: 'epoch 1\n' }),
        );
      });
    };
    return { run, finish: (result: object) => finish(result) };
  };

  it('answers with what there is; wait goes on, and neither counts as a step', async () => {
    const script = slow();
    const { episode } = await begunEpisode({ agent: { run: script.run } });
    const partial = await episode.step('python train.py', { deadlineMs: 5 });
    expect(partial.observation).toMatchObject({ running: true, exit_code: null, step: 1 });
    expect(partial.observation.text).toMatch(/^epoch 1\nThe command is still running/);
    expect(episode.state().status).toBe('running');
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'episode_busy', retryable: true });
    const more = await episode.step({ type: 'wait', timeout_s: 0.005 }, { deadlineMs: 60_000 });
    expect(more.observation).toMatchObject({ running: true, step: 1 });
    script.finish({ output: 'epoch 1\nepoch 2\n' });
    const done = await episode.step('wait');
    expect(done.observation).toMatchObject({ text: 'epoch 1\nepoch 2', running: false, exit_code: 0, step: 1 });
    expect(episode.state().status).toBe('ready');
    await episode.close();
  });

  it.each(['interrupt', { type: 'interrupt' } as const])('%j ends it', async (action) => {
    const { episode } = await begunEpisode({ agent: { run: slow().run } });
    await episode.step('python train.py', { deadlineMs: 5 });
    const result = await episode.step(action);
    expect(result.observation).toMatchObject({ text: 'epoch 1\nEXECUTION INTERRUPTED.', exit_code: 137, step: 1 });
    await episode.close();
  });

  it('lets go of a command from outside, by interrupt or by signal', async () => {
    const { episode } = await begunEpisode({ agent: { run: slow().run } });
    expect(await episode.interrupt()).toBe(false);
    const step = episode.step('a');
    await expect.poll(() => episode.state().status).toBe('running');
    expect(await episode.interrupt()).toBe(true);
    expect((await step).observation.exit_code).toBe(137);
    const aborted = await episode.step('b', { signal: AbortSignal.timeout(5) });
    expect(aborted.observation.text).toContain('EXECUTION INTERRUPTED.');
    await episode.close();
  });

  it('holds for an evaluation too, and tells of the end only when it is delivered', async () => {
    let finish: (() => void) | null = null;
    const exec = () =>
      new Promise<object>((resolve) => {
        finish = () => resolve({ stdout: new TextEncoder().encode('{"r2": 0.75}') });
      });
    const run = () => ({ output: 'out\n', requests: ['submit' as const] });
    const { episode, sandboxes } = await begunEpisode({ agent: { run }, evaluator: { exec } });
    const partial = await episode.step('ls; submit', { deadlineMs: 20 });
    expect(partial).toMatchObject({ terminated: false, reward: null, observation: { running: true } });
    expect(partial.observation.text).toMatch(/^The evaluation is still running\./);
    expect(episode.state()).toMatchObject({ status: 'evaluating', exit_status: null });
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'episode_busy' });
    await expect.poll(() => finish).not.toBeNull();
    (finish as (() => void) | null)?.();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(episode.state()).toMatchObject({ terminated: false, exit_status: null });
    const done = await episode.step('wait');
    expect(done).toMatchObject({
      terminated: true,
      reward: 0.5,
      observation: { step: 1, text: 'out\nExited (submit)' },
    });
    await episode.close();
    expect(sandboxes.held).toEqual([]);
  });

  it('has nothing to wait for when nothing runs', async () => {
    const { episode } = await begunEpisode();
    for (const type of ['wait', 'interrupt'] as const) {
      expect((await episode.step({ type })).observation).toMatchObject({ text: 'No command is running.', step: 0 });
    }
    await episode.close();
  });

  it('streams output with offsets', async () => {
    const chunks: [string, number][] = [];
    const run = ({ emit }: { emit: (text: string) => void }) => {
      emit('ab');
      emit('c');
      return { output: 'abc' };
    };
    const { episode } = await begunEpisode({ agent: { run } });
    await episode.step('x', { onOutput: (chunk, offset) => chunks.push([new TextDecoder().decode(chunk), offset]) });
    expect(chunks).toEqual([
      ['ab', 0],
      ['c', 2],
    ]);
    await episode.close();
  });
});
