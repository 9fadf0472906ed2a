import { describe, expect, it } from 'vitest';
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
  ] as const)('tells %s as a fault that may pass [B4]', async (sandboxCode, code) => {
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

  it('sets the shell and the window up in one run [E4]', async () => {
    const toy = await begunEpisode({
      task: await toyTask({ envId: 'mlgym/pears-v1' }),
      params: { options: { compat: 'mlgym', window: 100 } },
    });
    expect(toy.agent().commands).toEqual([expect.stringContaining("alias ls='ls -F'")]);
    expect(toy.agent().calls.filter((call) => call === 'run' || call === 'tool')).toEqual(['run']);
    await toy.episode.close();
  });
});

describe('step', () => {
  it('counts every action, and submits by itself after the last [E3]', async () => {
    const { episode, agent } = await begunEpisode({ params: { options: { max_steps: 2 } } });
    const first = StepResult.parse(await episode.step('ls'));
    expect(first).toMatchObject({ reward: null, terminated: false, truncated: false });
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
    expect(result).toMatchObject({ terminated: false, truncated: false, reward: 0.5 });
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

  it('asks no state command any more that has kept the agent waiting again and again [B4]', async () => {
    const asked = () => agent().commands.filter((command) => command.startsWith('where')).length;
    let status: 'exited' | 'timed_out' = 'exited';
    const { episode, agent } = await begunEpisode({
      params: { options: { state_command: { name: 'where', code: 'where() { :; }' } } },
      agent: {
        run: ({ command }) =>
          command.startsWith('where') ? { status, output: '{"open_file": "n/a", "rows": 3}' } : {},
      },
    });
    expect((await episode.step('ls')).observation.state).toBe('{"open_file": "n/a", "rows": 3}');
    status = 'timed_out';
    for (let index = 0; index < 5; index++) await episode.step('ls');
    expect(asked()).toBe(5);
    expect((await episode.step('ls')).observation).toMatchObject({
      state: `{"open_file": "n/a", "rows": 3, "working_dir": "${WORKSPACE}"}`,
      step: 7,
    });
    await episode.close();
  });

  it('makes no round trip more than the action needs [E1]', async () => {
    const { episode, agent } = await begunEpisode();
    const before = agent().calls.length;
    for (const action of ['ls', 'open a', 'edit 1:1\nx\nend_of_edit', 'exit', 'cat << EOF\nEOF'])
      await episode.step(action);
    expect(agent().calls.slice(before)).toEqual(['run', 'tool', 'tool', 'run']);
    expect(agent().calls.slice(0, before)).toEqual(['makeDirectory', 'putFiles']);
    await episode.close();
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
