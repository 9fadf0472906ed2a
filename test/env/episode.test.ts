import { describe, expect, it } from 'vitest';
import { Episode } from '../../src/env/episode.js';
import { EpisodeRecord } from '../../src/env/episode-record.js';
import { ResetResult, StepResult } from '../../src/protocol/index.js';
import { SandboxError, WORKSPACE } from '../../src/sandbox/sandbox.js';
import { begunEpisode, prints, toyEpisode, toyTask } from './toy-task.js';

describe('reset', () => {
  it('gives the task, and the agent none of its hidden files [E2 B5]', async () => {
    const { episode, agent, sandboxes } = await toyEpisode({ params: { seed: 7 } });
    const result = ResetResult.parse(await episode.reset());
    expect(result.observation).toMatchObject({ text: 'Weigh pears.', step: 0, remaining_steps: 50, running: false });
    expect(result.info).toMatchObject({
      task: 'toy/pears-v1',
      seed: 7,
      baseline: 0.5,
      metric: 'r2',
      direction: 'maximize',
    });
    expect([...agent().files.keys()].sort()).toEqual([`${WORKSPACE}/baseline.py`, `${WORKSPACE}/evaluate.py`]);
    expect(agent().files.get(`${WORKSPACE}/evaluate.py`)).toMatchObject({ mode: 0o555, user: 'root' });
    expect(agent().files.get(`${WORKSPACE}/baseline.py`)).toMatchObject({ mode: 0o644, user: 'agent' });
    await episode.close();
    expect(sandboxes.held).toEqual([]);
  });

  it('is for once, and comes before the first step', async () => {
    const { episode } = await toyEpisode();
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'reset_needed' });
    await episode.reset();
    await expect(episode.reset()).rejects.toMatchObject({ code: 'episode_over' });
    await episode.close();
  });

  it.each([
    ['unavailable', 'sandbox_unavailable'],
    ['resources', 'resources_unavailable'],
  ] as const)('tells %s as a fault that may pass [T2 B4]', async (sandboxCode, code) => {
    const { episode, sandboxes } = await toyEpisode({
      agent: {
        before: () => {
          throw new SandboxError(sandboxCode, 'no');
        },
      },
    });
    await expect(episode.reset()).rejects.toMatchObject({ code, retryable: true });
    expect(sandboxes.held).toEqual([]);
    expect(episode.state().status).toBe('ended');
  });

  it('sets the shell up for MLGym, and again after it was replaced [E4]', async () => {
    const toy = await begunEpisode({
      task: await toyTask({ envId: 'mlgym/pears-v1' }),
      params: { options: { compat: 'mlgym', window: 100 } },
    });
    expect(toy.agent().commands).toEqual([expect.stringContaining("alias ls='ls -F'")]);
    expect(toy.agent().calls).toContain('tool');
    await toy.episode.close();
  });
});

describe('step', () => {
  it('counts every action, and submits by itself after the last [E3]', async () => {
    const { episode, agent } = await begunEpisode({ params: { options: { max_steps: 2 } } });
    const first = StepResult.parse(await episode.step('ls'));
    expect(first).toMatchObject({ reward: 0, terminated: false, truncated: false });
    expect(first.observation).toMatchObject({ step: 1, remaining_steps: 1, exit_code: 0 });
    await episode.step('edit 1:1\nno end');
    const last = StepResult.parse(await episode.step('ls'));
    expect(last).toMatchObject({ terminated: false, truncated: true, reward: 0.5 });
    expect(last.observation).toMatchObject({ text: 'Exited (max_steps)', step: 3, remaining_steps: 0 });
    expect(last.info).toMatchObject({
      exit_status: 'autosubmission',
      exit_reason: 'max_steps',
      mlgym_exit_status: 'autosubmission (max_steps)',
      score: 0.75,
      submission: `${WORKSPACE}/submission.csv`,
    });
    expect(agent().commands).toEqual(['ls']);
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'episode_over' });
  });

  it.each([
    ['submit', 'Exited (submit)', 'submitted', 'submit', true, 0.5],
    ['exit_cost', 'Exited (exit_cost)', 'autosubmission', 'exit_cost', false, 0.5],
    ['exit_context', 'Exited (exit_context)', 'autosubmission', 'exit_context', false, 0.5],
    ['exit_forfeit', 'Exited (exit_forfeit)', 'exit_forfeit', 'exit_forfeit', true, null],
    ['skip', 'Skipped', 'skipped', 'skip', true, null],
  ] as const)('ends with %s [E3]', async (action, text, exitStatus, exitReason, terminated, reward) => {
    const { episode, sandboxes } = await begunEpisode();
    const result = await episode.step(action);
    expect(result).toMatchObject({ terminated, truncated: !terminated, reward });
    expect(result.observation.text).toBe(text);
    expect(result.info).toMatchObject({ exit_status: exitStatus, exit_reason: exitReason });
    expect(episode.state()).toMatchObject({ status: 'ended', terminated, truncated: !terminated });
    await episode.close();
    expect(sandboxes.held).toEqual([]);
  });

  it('validates and goes on [E3]', async () => {
    const { episode, agent } = await begunEpisode({ evaluator: prints('noise\n{"r2": 0.75, "n": 3}\n') });
    const result = await episode.step('validate');
    expect(result).toMatchObject({ terminated: false, truncated: false, reward: 0 });
    expect(result.observation.text).toBe(
      `Your code produced a valid submission artefact at ${WORKSPACE}/submission.csv.\nBaseline Score: {'r2': 0.5}\nEvaluation Score: {'r2': 0.75, 'n': 3}`,
    );
    expect(result.info).toMatchObject({ score: 0.75, valid: true, submission: null, exit_status: null });
    expect(result.info.scores).toEqual([{ r2: 0.75, n: 3 }]);
    expect(agent().frozen).toBe(false);
    expect(agent().calls).not.toContain('killAgent');
    expect((await episode.step('submit')).info.scores).toHaveLength(2);
    expect(agent().calls).toContain('killAgent');
  });

  it.each([
    ['fixed', ['submit'], 'out\nExited (submit)', true],
    ['fixed', ['validate', 'submit'], 'out\nExited (submit)', true],
    ['mlgym', ['validate', 'submit'], 'Your code produced', false],
    ['mlgym', ['submit', 'validate'], 'Your code produced', false],
    ['mlgym', ['submit'], 'Exited (submit)', true],
  ] as const)('does what a line asks for, %s, %j [E1 E4]', async (compat, requests, text, terminated) => {
    const run = () => ({ output: 'out\n', requests: [...requests] });
    const { episode } = await begunEpisode({ agent: { run }, params: { options: { compat } } });
    const result = await episode.step('ls; submit');
    expect(result.observation.text.startsWith(text)).toBe(true);
    expect(result.terminated).toBe(terminated);
    await episode.close();
  });

  it('gives printed markers no meaning [B5]', async () => {
    const output = '<<SUBMISSION||\nsubmitting file\n||SUBMISSION>>\n<<VALIDATION||\nx\n||VALIDATION>>\n';
    const { episode, sandboxes } = await begunEpisode({ agent: { run: () => ({ output }) } });
    const result = await episode.step('cat markers');
    expect(result).toMatchObject({ terminated: false, info: { valid: null, scores: [] } });
    expect(sandboxes.made).toHaveLength(1);
    await episode.close();
  });

  it('goes on after the shell is gone, but ends where MLGym ends, with what there is scored [E4]', async () => {
    const run = () => ({ status: 'shell_exited' as const, exitCode: 3, shellRestarted: true, output: 'bye\n' });
    const fixed = await begunEpisode({ agent: { run } });
    const going = await fixed.episode.step('exit 3');
    expect(going.observation.text).toBe('bye\nCOMMAND FAILED TO EXECUTE. RESTARTING PROCESS.');
    expect(going).toMatchObject({ terminated: false, truncated: false });
    await fixed.episode.close();
    const mlgym = await begunEpisode({ agent: { run }, params: { options: { compat: 'mlgym' } } });
    const over = await mlgym.episode.step('exit 3');
    expect(over.observation.text).toBe('bye\nCOMMAND FAILED TO EXECUTE. RESTARTING PROCESS.');
    expect(over).toMatchObject({ terminated: false, truncated: true, reward: 0.5 });
    expect(over.info).toMatchObject({ exit_status: 'early_exit', mlgym_exit_status: 'early_exit', score: 0.75 });
  });

  it('takes one action at a time', async () => {
    let finish = (): void => {};
    const run = () =>
      new Promise<object>((resolve) => {
        finish = () => resolve({});
      });
    const { episode } = await begunEpisode({ agent: { run } });
    const first = episode.step('ls');
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'episode_busy' });
    await expect.poll(() => episode.state().status).toBe('running');
    finish();
    await first;
    expect(episode.state().step_count).toBe(1);
    await episode.close();
  });

  it('cuts the episode when its time is over; the evaluator has its own [E3]', async () => {
    const { episode, clock } = await begunEpisode({
      params: { options: { episode_timeout_s: 100 } },
      agent: { run: ({ command }) => ({ output: `${command}\n` }) },
    });
    clock.ms += 99_000;
    expect((await episode.step('a')).truncated).toBe(false);
    clock.ms += 2000;
    const result = await episode.step('b');
    expect(result.observation.text).toBe('Exited (time_limit)');
    expect(result).toMatchObject({ truncated: true, info: { exit_reason: 'time_limit', score: 0.75 } });
  });

  it('cuts the episode at once when a command used its time up [E3]', async () => {
    const { episode, clock } = await begunEpisode({
      params: { options: { episode_timeout_s: 100 } },
      agent: {
        run: () => {
          clock.ms += 200_000;
          return { output: 'half\n', status: 'timed_out' as const };
        },
      },
    });
    const result = await episode.step('sleep 1000');
    expect(result.observation.text).toMatch(/^half\nEXECUTION TIMED OUT.*\nExited \(time_limit\)$/s);
    expect(result.info).toMatchObject({ exit_status: 'autosubmission', score: 0.75 });
  });

  it('runs typed edits without a shell, on the file that is meant [E1]', async () => {
    const toy = await begunEpisode({
      agent: {
        tool: ({ name, args }, sandbox) => {
          if (name === 'open') sandbox.openFile = `${WORKSPACE}/${args[0]}`;
          return {
            output: args[0] === 'no.py' ? 'File no.py not found\n' : `[File: ${sandbox.openFile} (1 lines total)]\n`,
          };
        },
      },
    });
    const { episode, agent } = toy;
    const tools = () => agent().calls.filter((call) => call === 'tool').length;
    const edit = { type: 'edit', path: 'a.py', start_line: 1, end_line: 1, text: 'x' } as const;
    await episode.step(edit);
    expect(tools()).toBe(2);
    await episode.step(edit);
    expect(tools()).toBe(3);
    const missing = await episode.step({ ...edit, path: 'no.py' });
    expect(missing.observation.text).toBe('File no.py not found');
    expect(tools()).toBe(4);
    expect(agent().commands).toEqual([]);
    await episode.close();
  });

  it('shows no more of an output than it keeps', async () => {
    const { episode } = await begunEpisode({
      params: { options: { keep_output_bytes: 1024 } },
      agent: { tool: () => ({ output: 'x'.repeat(5000) }) },
    });
    const { observation } = await episode.step('open a.py');
    expect(observation.omitted_bytes).toBe(5000 - 1024);
    expect(observation.text).toContain('3976 bytes of output are left out here');
    await episode.close();
  });

  it('differs in nothing but times between equal episodes', async () => {
    const play = async () => {
      const { episode } = await begunEpisode({ agent: { run: ({ command }) => ({ output: command }) } });
      const results = [];
      for (const action of ['ls', 'open a', 'validate', 'edit 1:1\nx', 'submit'])
        results.push(await episode.step(action));
      return results;
    };
    expect(await play()).toEqual(await play());
  });
});

describe('a lost sandbox [B4 T2]', () => {
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
    let finish = (): void => {};
    const exec = () =>
      new Promise<object>((resolve) => {
        finish = () => resolve({ stdout: new TextEncoder().encode('{"r2": 0.75}') });
      });
    const run = () => ({ output: 'out\n', requests: ['submit' as const] });
    const { episode, sandboxes } = await begunEpisode({ agent: { run }, evaluator: { exec } });
    const partial = await episode.step('ls; submit', { deadlineMs: 20 });
    expect(partial).toMatchObject({ terminated: false, reward: 0, observation: { running: true } });
    expect(partial.observation.text).toMatch(/^The evaluation is still running\./);
    expect(episode.state()).toMatchObject({ status: 'evaluating', exit_status: null });
    await expect(episode.step('ls')).rejects.toMatchObject({ code: 'episode_busy' });
    finish();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(episode.state()).toMatchObject({ terminated: false, exit_status: null });
    const done = await episode.step('wait', { deadlineMs: 20 });
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

describe('a faulty evaluation [B4 T2]', () => {
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

describe('adopt [B4]', () => {
  const parse = (record: unknown) => EpisodeRecord.parse(JSON.parse(JSON.stringify(record)));

  it('takes up an episode with its counts and scores', async () => {
    const { episode, deps, task, sandboxes } = await begunEpisode();
    await episode.step('ls');
    await episode.step('validate');
    const adopted = await Episode.adopt(parse(episode.toRecord()), task, deps);
    expect(adopted.state()).toEqual(episode.state());
    const result = await adopted.step('submit');
    expect(result.info.scores).toHaveLength(2);
    expect(result.observation.step).toBe(3);
    await adopted.close();
    expect(sandboxes.held).toEqual([]);
  });

  it('delivers the result of a command that ran meanwhile', async () => {
    let finish = (_: object): void => {};
    const run = () =>
      new Promise<object>((resolve) => {
        finish = resolve;
      });
    const records: EpisodeRecord[] = [];
    const toy = await begunEpisode({ agent: { run }, onRecord: (record) => records.push(parse(record)) });
    void toy.episode.step('python train.py');
    await expect.poll(() => toy.agent().commands).toHaveLength(1);
    const record = records.at(-1) as EpisodeRecord;
    expect(record).toMatchObject({ phase: 'running', running: { command_id: 'c1' }, step_count: 1 });
    const adopted = await Episode.adopt(record, toy.task, toy.deps);
    expect(adopted.state().status).toBe('running');
    finish({ output: 'done\n' });
    expect((await adopted.step('wait')).observation).toMatchObject({ text: 'done', step: 1 });
    expect(adopted.toRecord().running).toBeNull();
    await adopted.close();
  });

  it('tells when the command had not begun', async () => {
    const { episode, deps, task } = await begunEpisode();
    const record = {
      ...episode.toRecord(),
      running: { command_id: 'c9', timeout_s: 25, action: 'x' },
      phase: 'running' as const,
    };
    const adopted = await Episode.adopt(record, task, deps);
    expect((await adopted.step('wait')).observation.text).toBe('The command was lost before it began. Send it again.');
    expect(adopted.state().status).toBe('ready');
    await adopted.close();
  });

  it.each(['submit', 'wait'])('repeats an evaluation that was cut off on %s', async (action) => {
    const records: EpisodeRecord[] = [];
    const toy = await begunEpisode({
      evaluator: (index) => (index === 0 ? { exec: () => new Promise(() => {}) } : prints('{"r2": 1}')),
      onRecord: (record) => records.push(parse(record)),
    });
    void toy.episode.step('submit');
    await expect.poll(() => toy.sandboxes.made.length).toBe(2);
    const record = records.at(-1) as EpisodeRecord;
    expect(record.phase).toBe('evaluating');
    const adopted = await Episode.adopt(record, toy.task, toy.deps);
    expect(await adopted.step(action)).toMatchObject({ info: { score: 1 }, observation: { step: 1 } });
  });

  it('refuses what is not there any more', async () => {
    const { episode, deps, task } = await begunEpisode();
    const record = episode.toRecord();
    const changed = { ...task, contentHash: 'sha256:other' };
    await expect(Episode.adopt(record, changed, deps)).rejects.toMatchObject({ code: 'task_broken' });
    await episode.close();
    await expect(Episode.adopt(record, task, deps)).rejects.toMatchObject({ code: 'sandbox_unavailable' });
    const over = await Episode.adopt(episode.toRecord(), task, deps);
    expect(over.state().status).toBe('ended');
    await over.close();
  });
});
