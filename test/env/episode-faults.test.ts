import { describe, expect, it } from 'vitest';
import { Episode } from '../../src/env/episode/episode.js';
import type { EpisodeRecord } from '../../src/env/episode/episode-record.js';
import { Baselines } from '../../src/env/evaluation/baselines.js';
import { LeasedSandboxes } from '../../src/env/workspace/leased-sandboxes.js';
import { GpuLeases } from '../../src/sandbox/gpu-leases.js';
import { SandboxError, type SandboxSpec } from '../../src/sandbox/sandbox.js';
import { type SandboxScript, ScriptedSandbox } from '../../src/testing/scripted-sandbox.js';
import { begunEpisode, prints, toyEpisode, toyTask } from './toy-task.js';

describe('a lost sandbox [B4]', () => {
  it('fails the step under way, ends the episode, and is never a reward', async () => {
    const { episode, sandboxes } = await begunEpisode({
      agent: {
        run: async ({ sandbox }) => {
          sandbox.lose('the container was killed');
          return new Promise(() => {});
        },
      },
    });
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'sandbox_unavailable', retryable: true });
    expect(episode.state()).toMatchObject({ status: 'ended', exit_status: 'sandbox_unavailable', truncated: true });
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'episode_over' });
    await episode.close();
    expect(sandboxes.held).toEqual([]);
  });

  it('is told by the next step when nothing was under way', async () => {
    const { episode, agent } = await begunEpisode();
    agent().lose();
    await expect.poll(() => episode.state().status).toBe('ended');
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'episode_over' });
  });

  it('still gives the score of a submission that was already with the evaluator', async () => {
    let agent = () => {};
    const toy = await begunEpisode({
      evaluator: {
        exec: () => {
          agent();
          return { stdout: new TextEncoder().encode('{"r2": 0.75}') };
        },
      },
    });
    agent = () => toy.agent().lose();
    expect(await toy.episode.step('submit')).toMatchObject({ reward: 0.5, info: { exit_status: 'submitted' } });
  });
});

describe('a GPU', () => {
  it('is measured with and then played with, where there is only one [E6]', async () => {
    const task = await toyTask({
      baselineScores: null,
      baselinePath: 'baseline.py',
      sidecar: { resources: { gpus: 1 } },
    });
    const gpus = new GpuLeases(['GPU-0']);
    const exec: SandboxScript['exec'] = (_, sandbox) => {
      sandbox.write('submission.csv', 'id\n');
      return { stdout: new TextEncoder().encode('{"r2": 0.5}') };
    };
    const stock = { take: async (spec: SandboxSpec) => new ScriptedSandbox('s', spec, { exec }) };
    const backend = { adopt: () => Promise.reject(new SandboxError('lost', 'gone')) };
    const sandboxes = new LeasedSandboxes(stock, gpus, backend);
    const episode = Episode.create('e1', task, {}, { sandboxes, baselines: new Baselines(sandboxes) });
    expect((await episode.reset()).info.baseline).toBe(0.5);
    expect(gpus.stats()).toMatchObject({ leased: 1, waiting: 0 });
    await episode.close();
    expect(gpus.stats().leased).toBe(0);
  });
});

describe('an evaluation that fails for a fault of ours', () => {
  it('takes no time from the agent', async () => {
    let moveClock = () => {};
    const records: EpisodeRecord[] = [];
    const toy = await begunEpisode({
      onRecord: (record) => records.push(record),
      evaluator: {
        exec: () => {
          moveClock();
          throw new SandboxError('unavailable', 'no');
        },
      },
    });
    moveClock = () => {
      toy.clock.ms += 60_000;
    };
    const before = records.at(-1)!.deadline_ms;
    await expect(toy.episode.step('validate')).rejects.toMatchObject({ code: 'evaluation_unavailable' });
    // It was tried twice.
    expect(records.at(-1)!.deadline_ms).toBe(before + 120_000);
    await toy.episode.close();
  });
});

describe('the record of an episode', () => {
  it('names a command before the sandbox hears of it, so that it never runs twice [B4]', async () => {
    const heard: string[] = [];
    const toy = await begunEpisode({
      onRecord: ({ running }) => heard.push(`record ${running?.command_id ?? 'none'}`),
      agent: {
        run: ({ command }) => {
          heard.push(command);
          return {};
        },
      },
    });
    heard.length = 0;
    await toy.episode.step('make');
    expect(heard).toEqual(['record c1', 'make', 'record none']);
    await toy.episode.close();
  });
});

describe('close', () => {
  it('is idempotent and ends a step under way', async () => {
    const { episode, sandboxes, agent } = await begunEpisode({ agent: { run: () => new Promise(() => {}) } });
    const step = episode.step('sleep 100');
    const failed = expect(step).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => agent().commands).toEqual(['sleep 100']);
    await Promise.all([episode.close(), episode.close()]);
    await failed;
    expect(sandboxes.held).toEqual([]);
    expect(agent().destroyed).toBe(1);
    expect(episode.state()).toMatchObject({ exit_status: 'closed', truncated: true });
  });

  it('gives back a sandbox that arrives too late', async () => {
    const toy = await toyEpisode();
    const reset = toy.episode.reset();
    const failed = expect(reset).rejects.toMatchObject({ code: 'cancelled' });
    await toy.episode.close();
    await failed;
    expect(toy.sandboxes.held).toEqual([]);
    expect(toy.sandboxes.made.every(({ sandbox }) => sandbox.destroyed <= 1)).toBe(true);
  });

  it('ends an evaluation under way', async () => {
    const toy = await begunEpisode({ evaluator: { exec: () => new Promise(() => {}) } });
    const failed = expect(toy.episode.step('submit')).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => toy.sandboxes.made.length).toBe(2);
    await toy.episode.close();
    await failed;
    expect(toy.sandboxes.made.map(({ sandbox }) => sandbox.destroyed)).toEqual([1, 1]);
  });
});

describe('a faulty evaluation [B4]', () => {
  const lost = () => {
    throw new SandboxError('lost', 'gone');
  };

  it('is tried again in another sandbox', async () => {
    const { episode, sandboxes } = await begunEpisode({
      evaluator: (index) => (index === 0 ? { exec: lost } : prints('{"r2": 1}')),
    });
    expect((await episode.step('submit')).info.score).toBe(1);
    expect(sandboxes.made).toHaveLength(3);
    await episode.close();
    expect(sandboxes.held).toEqual([]);
  });

  it.each(['submit', 'validate', 'exit_cost', 'ls; submit'])(
    'of %j can be asked for again without a step',
    async (action) => {
      const run = () => ({ output: 'out\n', requests: ['submit' as const] });
      const { episode, agent } = await begunEpisode({
        agent: { run },
        evaluator: (index) => (index < 2 ? { exec: lost } : prints('{"r2": 1}')),
      });
      await expect(episode.step(action)).rejects.toMatchObject({ code: 'evaluation_unavailable', retryable: true });
      expect(episode.state()).toMatchObject({ status: 'ready', step_count: 1 });
      const result = await episode.step(action);
      expect(result).toMatchObject({ info: { score: 1 }, observation: { step: 1 } });
      expect(agent().commands).toEqual(action.startsWith('ls') ? ['ls; submit'] : []);
      await episode.close();
    },
  );

  it('is forgotten when the agent does something else', async () => {
    const { episode } = await begunEpisode({ evaluator: { exec: lost } });
    await expect(episode.step('submit')).rejects.toMatchObject({ code: 'evaluation_unavailable' });
    expect((await episode.step('ls')).observation).toMatchObject({ step: 2 });
    await episode.close();
  });
});
