import { describe, expect, it } from 'vitest';
import type { AgentListener } from '../../src/agent/agent-listener.js';
import type { AgentRun } from '../../src/agent/agent-run.js';
import type { AgentConfig } from '../../src/agent/config/agent-config.js';
import { ModelError, type ModelErrorCode } from '../../src/agent/models/model.js';
import { type ReplyFunction, ScriptedModel, type ScriptedReply } from '../../src/agent/models/scripted-model.js';
import { type PlayOptions, playEpisode } from '../../src/agent/play-episode.js';
import type { ScriptedCommand } from '../../src/testing/index.js';
import { AgentGym, says, shortAgent } from './agent-gym.js';

async function play(
  replies: readonly ScriptedReply[] | ReplyFunction,
  options: Partial<PlayOptions> & { gym?: AgentGym; agent?: Partial<AgentConfig> } = {},
): Promise<AgentRun> {
  const { gym = await AgentGym.open(), agent, ...rest } = options;
  const model = new ScriptedModel(replies, { contextTokens: null });
  return playEpisode(gym.client, AgentGym.TASK, { config: await shortAgent(agent), model, ...rest });
}

/** The last step in MLGym's words, and how the episode ended. */
function ending(run: AgentRun) {
  const { thought, action, response, observation } = run.steps.at(-1)!;
  return { thought, action, response, observation, exit: run.exitStatus, stop: run.stop };
}

/** Writes a submission, then fails. */
function failsWith(error: unknown): ReplyFunction {
  return (_, call) => {
    if (call === 0) return says('write');
    throw error;
  };
}

/** A command that runs until it is interrupted. */
const HANGS = {
  run: ({ command, interrupted, sandbox }: ScriptedCommand) => {
    sandbox.write('submission.csv', 'id\n');
    if (command !== 'sleep') return {};
    return new Promise<object>((resolve) =>
      interrupted.addEventListener('abort', () => resolve({ status: 'interrupted', exitCode: null, output: 'half' })),
    );
  },
} as const;

describe('what a model or its endpoint does wrong ends in a submission', () => {
  it.each([
    ['context_window', 'context', 'Exit due to context window', 'exit_context', 'Exit due to context window'],
    ['rate_limit', 'api', 'Exit due to retry error: why', 'exit_api', 'exit due to retry error: why'],
    ['server', 'api', 'Exit due to retry error: why', 'exit_api', 'exit due to retry error: why'],
    ['connection', 'api', 'Exit due to retry error: why', 'exit_api', 'exit due to retry error: why'],
    ['timeout', 'api', 'Exit due to retry error: why', 'exit_api', 'exit due to retry error: why'],
    ['garbage', 'api', 'Exit due to retry error: why', 'exit_api', 'exit due to retry error: why'],
    ['unauthorized', 'api', 'Exit due to unexpected error: why', 'exit_api', 'exit due to unexpected error: why'],
    ['bad_request', 'api', 'Exit due to unexpected error: why', 'exit_api', 'exit due to unexpected error: why'],
    ['quota', 'api', 'Exit due to unexpected error: why', 'exit_api', 'exit due to unexpected error: why'],
    ['exhausted', 'error', 'Exit due to runtime error: why', 'exit_error', 'exit due to runtime error: why'],
  ] as const)('%s -> %s [B2, E3]', async (code: ModelErrorCode, stop, thought, action, response) => {
    const run = await play(failsWith(new ModelError(code, 'why', 3)));
    const observation = `Exited (${action})`;
    expect(ending(run)).toEqual({ thought, action, response, observation, exit: `autosubmission (${action})`, stop });
    expect(run.failure).toBe('why');
    expect(run.scores).toHaveLength(1);
    expect(run.steps.at(-1)?.calls).toEqual([expect.objectContaining({ attempts: 3, rejected: code, cost_usd: null })]);
    expect(run.stats.api_calls).toBe(1);
    expect(run.history.at(-1)).toEqual({ role: 'assistant', content: response, thought, action, agent: 'primary_0' });
  });

  it('an error that nobody expected is a runtime error of the agent [B2]', async () => {
    const run = await play(failsWith(new TypeError('no such thing')));
    expect(ending(run)).toMatchObject({
      thought: 'Exit due to runtime error: no such thing',
      action: 'exit_error',
      exit: 'autosubmission (exit_error)',
      stop: 'error',
    });
  });

  it('a state that is no JSON ends in a submission, where MLGym dies without a word [E3]', async () => {
    const gym = await AgentGym.open();
    const breaks: AgentListener = { onStep: ({ result }) => Object.assign(result.observation, { state: 'no JSON' }) };
    const run = await play([says('echo a'), says('echo b')], { gym, listeners: [breaks] });
    expect(ending(run)).toMatchObject({
      action: 'exit_error',
      stop: 'error',
      exit: 'submission_not_found (exit_error)',
    });
    expect(run.failure).toContain('no JSON');
  });

  it('three outputs that cannot be used cost four calls, and three with an agent of SWE-agent 1 [E3]', async () => {
    const texts = ['one', 'two', 'three', 'four'];
    const run = await play([says('write'), ...texts]);
    expect(ending(run)).toEqual({
      thought: 'Exit due to format error',
      action: 'exit_format',
      response: 'four',
      observation: 'Exited (exit_format)',
      exit: 'autosubmission (exit_format)',
      stop: 'format',
    });
    expect(run.stats.api_calls).toBe(5);
    expect(run.steps.at(-1)?.calls.map(({ rejected }) => rejected)).toEqual(['format', 'format', 'format', 'format']);
    const newer = await play([says('write'), ...texts], { agent: { source: 'swe-agent-1' } });
    expect(ending(newer)).toMatchObject({ response: 'three', action: 'exit_format', stop: 'format' });
    expect(newer.stats.api_calls).toBe(4);
  });

  it('refusals, empty and blank outputs are asked for again, and what was refused is not kept [B2]', async () => {
    const model = new ScriptedModel([{ refusal: 'I cannot.', text: '' }, '', says(''), says('submit')]);
    const gym = await AgentGym.open();
    const run = await playEpisode(gym.client, AgentGym.TASK, { config: await shortAgent(), model });
    expect(ending(run)).toMatchObject({ action: 'exit_format', stop: 'format' });
    expect(run.steps[0]?.calls.map(({ rejected }) => rejected)).toEqual(['refusal', 'empty', 'format', 'format']);
    const retried = await play([{ refusal: 'I cannot.', text: '' }, says('submit')]);
    expect(retried).toMatchObject({ stop: 'ended', steps: [{ action: 'submit\n' }] });
    expect(retried.history).toHaveLength(3);
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([2, 4, 4, 4]);
  });

  it('an action of a person is played as it is [E1]', async () => {
    const gym = await AgentGym.open();
    const person = Object.assign(new ScriptedModel(['echo a', '', 'submit']), { answersWithAction: true });
    const run = await playEpisode(gym.client, AgentGym.TASK, { config: await shortAgent(), model: person });
    expect(run.steps.map(({ thought, action }) => [thought, action])).toEqual([
      ['', 'echo a'],
      ['', ''],
      ['', 'submit'],
    ]);
  });
});

describe('limits end in a submission', () => {
  const priced = (action: string): ScriptedReply => ({ text: says(action), costUsd: 0.6 });

  it('dollars: the answer that was paid for is played first [B2]', async () => {
    const run = await play([priced('write'), priced('echo paid'), priced('echo never')], { limits: { taskUsd: 1 } });
    expect(run.steps.map(({ action }) => action.trim())).toEqual(['write', 'echo paid', 'exit_cost']);
    expect(ending(run)).toMatchObject({
      thought: 'Exit due to cost limit',
      exit: 'autosubmission (exit_cost)',
      stop: 'cost',
    });
    expect(run.stats).toMatchObject({ task_cost: 1.2, api_calls: 2 });
    expect(run.failure).toBeNull();
  });

  it('dollars of several episodes together [B2]', async () => {
    const total = { usd: 0, isUnpricedReported: false };
    const first = await play([priced('write'), priced('submit')], { limits: { totalUsd: 1 }, total });
    expect(first).toMatchObject({ stop: 'ended', stats: { total_cost: 1.2, task_cost: 1.2 } });
    const second = await play([priced('write')], { limits: { totalUsd: 1 }, total });
    expect(second).toMatchObject({
      stop: 'cost',
      exitStatus: 'submission_not_found (exit_cost)',
      steps: [{ calls: [] }],
    });
  });

  it('tokens, also in the middle of a round that asks again [B2]', async () => {
    const usage = { inputTokens: 60, cachedInputTokens: 0, outputTokens: 40, estimated: false };
    const run = await play(
      [
        { text: 'no fence', usage },
        { text: says('echo a'), usage },
      ],
      { limits: { taskTokens: 100 } },
    );
    expect(ending(run)).toMatchObject({ thought: 'Exit due to token limit', action: 'exit_cost', stop: 'tokens' });
    expect(run.stats).toMatchObject({ tokens_sent: 60, tokens_received: 40, api_calls: 1 });
  });

  it('tokens of one chat: the model is not even asked [B2]', async () => {
    const run = await play([says('echo a')], { limits: { contextTokens: 3 } });
    expect(ending(run)).toMatchObject({ action: 'exit_context', stop: 'context' });
    expect(run.stats.api_calls).toBe(0);
  });

  it('time: a running command is interrupted, and its output kept [B4]', async () => {
    const gym = await AgentGym.open({ agent: HANGS });
    const run = await play([says('sleep'), says('echo never')], { gym, limits: { timeMs: 50 } });
    expect(run.steps.map(({ action }) => action.trim())).toEqual(['sleep', 'exit_cost']);
    expect(run.steps[0]?.observation).toContain('half');
    expect(ending(run)).toMatchObject({
      thought: 'Exit due to time limit',
      exit: 'autosubmission (exit_cost)',
      stop: 'time',
    });
  });

  it('time: a model that is still being asked is left [B2]', async () => {
    const slow: ReplyFunction = ({ signal }) =>
      new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    expect(ending(await play(slow, { limits: { timeMs: 30 } }))).toMatchObject({ action: 'exit_cost', stop: 'time' });
  });
});

describe('a run that is stopped', () => {
  it('is interrupted and scored when it is to finish, whatever it was doing [E3]', async () => {
    const gym = await AgentGym.open({ agent: HANGS });
    const finish = new AbortController();
    const listener: AgentListener = { onAction: () => setTimeout(() => finish.abort(), 20) };
    const run = await play([says('sleep')], { gym, finish: finish.signal, listeners: [listener] });
    expect(run.steps.map(({ action }) => action.trim())).toEqual(['sleep', 'exit_error']);
    expect(ending(run)).toMatchObject({
      thought: 'Exit due to abort',
      exit: 'autosubmission (exit_error)',
      stop: 'aborted',
    });
    const before = await play([says('echo never')], { finish: AbortSignal.abort() });
    expect(before).toMatchObject({ stop: 'aborted', steps: [{ action: 'exit_error' }] });
  });

  it('keeps what it did when it is dropped, and scores nothing [E3]', async () => {
    const gym = await AgentGym.open({ agent: HANGS });
    const drop = new AbortController();
    let ended: AgentRun | null = null;
    const listener: AgentListener = {
      onAction: (_, action) => void (action.startsWith('sleep') && setTimeout(() => drop.abort(), 20)),
      onEnd: (run) => {
        ended = run;
      },
    };
    const run = await play([says('echo a'), says('sleep')], { gym, signal: drop.signal, listeners: [listener] });
    expect(run).toMatchObject({ stop: 'aborted', exitStatus: '', scores: [], steps: [{ action: 'echo a\n' }] });
    expect(ended).toBe(run);
    await expect.poll(() => gym.sandboxes.held).toEqual([]);
    const asking = new AbortController();
    const slow: ReplyFunction = () => {
      asking.abort();
      return says('echo never');
    };
    expect(await play(slow, { signal: asking.signal })).toMatchObject({ stop: 'aborted', steps: [] });
  });
});
