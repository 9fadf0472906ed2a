import { describe, expect, it } from 'vitest';
import type { AgentListener } from '../../src/agent/agent-listener.js';
import type { AgentRun } from '../../src/agent/agent-run.js';
import { ScriptedModel, type ScriptedReply } from '../../src/agent/models/scripted-model.js';
import { type PlayOptions, playEpisode } from '../../src/agent/play-episode.js';
import type { Env, StepOptions } from '../../src/env/env.js';
import { type Action, RpcError } from '../../src/protocol/index.js';
import { AgentGym, says, shortAgent } from './agent-gym.js';

async function play(
  gym: AgentGym,
  replies: readonly ScriptedReply[],
  options: Partial<PlayOptions> = {},
): Promise<{ run: AgentRun; model: ScriptedModel }> {
  const model = new ScriptedModel(replies);
  const run = await playEpisode(gym.client, AgentGym.TASK, { config: await shortAgent(), model, ...options });
  return { run, model };
}

/** An env that is another one apart from its steps. */
function stepping(env: Env, step: (action: Action, options: StepOptions) => ReturnType<Env['step']>): Env {
  return {
    episodeId: env.episodeId,
    reset: (signal) => env.reset(signal),
    step: (action, options = {}) => step(action, options),
    interrupt: () => env.interrupt(),
    state: () => env.state(),
    close: () => env.close(),
  };
}

describe('an agent', () => {
  it('plays rounds until it submits, and tells its model what came of each [E1, E3]', async () => {
    const gym = await AgentGym.open();
    const { run, model } = await play(gym, [says('echo hi'), says('write'), says('submit')]);
    expect(run).toMatchObject({ stop: 'ended', failure: null, exitStatus: 'submitted', agent: 'primary_0' });
    expect(run.steps.map(({ action, observation }) => [action, observation])).toEqual([
      ['echo hi\n', 'hi'],
      ['write\n', ''],
      ['submit\n', 'Exited (submit)'],
    ]);
    expect(run.history.map(({ role, content }) => [role, content])).toEqual([
      ['system', 'You weigh.'],
      ['user', 'Task: Weigh pears.'],
      ['assistant', says('echo hi')],
      ['user', 'hi\n(1, 49)'],
      ['assistant', says('write')],
      ['user', 'nothing (2)'],
      ['assistant', says('submit')],
    ]);
    expect(run.history.every(({ agent }) => agent === 'primary_0')).toBe(true);
    expect(run.steps[0]).toMatchObject({ thought: 'Look.\n', response: says('echo hi'), sent: null });
    expect(JSON.parse(run.steps[0]!.state)).toHaveProperty('working_dir');
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([2, 4, 6]);
    expect(gym.sandboxes.held).toEqual([]);
  });

  it('keeps the metrics of every validation and of the submission, as Python writes them [E3, E5]', async () => {
    const gym = await AgentGym.open();
    const { run } = await play(gym, [
      says('write'),
      says('validate'),
      says('echo x'),
      says('validate'),
      says('submit'),
    ]);
    const metrics = '{"r2": 0.75, "n": 2.0}';
    expect(run.scores).toEqual([metrics, metrics, metrics]);
    expect(run).toMatchObject({ submission: expect.stringContaining('submission.csv'), baselineScores: { r2: 0.5 } });
    expect(run.stats).toMatchObject({ api_calls: 5, tokens_sent: expect.any(Number) });
  });

  it('asks the reset for its variables, commands and state command, under what the caller says [E1]', async () => {
    const gym = await AgentGym.open();
    const files = [{ name: 'extra.sh', contents: 'extra() { :; }' }];
    const config = await shortAgent({ variables: { WINDOW: '9', SHADE: 'red' }, commandFiles: files });
    const { run } = await play(gym, [says('submit')], {
      config,
      options: { max_steps: 7, variables: { SHADE: 'blue' } },
      seed: 5,
    });
    expect(run.options).toEqual({ max_steps: 7, variables: { WINDOW: '9', SHADE: 'blue' }, command_files: files });
    expect(run.seed).toBe(5);
  });

  it('is told by its listener events in order, and streams only what somebody reads [E1]', async () => {
    const gym = await AgentGym.open();
    const told: string[] = [];
    const listener: AgentListener = {
      onStart: () => told.push('start'),
      onPrompt: (_, { step, remainingSteps }) => told.push(`prompt ${step} ${remainingSteps}`),
      onText: () => told.push('text'),
      onRequery: (_, attempt) => told.push(`requery ${attempt}`),
      onAction: (_, action) => told.push(`action ${action.trim()}`),
      onStep: (step, run) => told.push(`step ${run.steps.length} ${step.calls.length}`),
      onEnd: (run) => void told.push(`end ${run.stop}`),
    };
    await play(gym, ['no fence', says('submit')], { listeners: [listener, {}] });
    expect(told).toEqual([
      'start',
      'prompt 0 50',
      'text',
      'requery 1',
      'text',
      'action submit',
      'step 1 2',
      'end ended',
    ]);
  });

  it('ends with the step limit of the environment: one more call, and what there is is scored [E3]', async () => {
    const gym = await AgentGym.open();
    const { run } = await play(gym, [says('write'), says('echo b'), says('submit')], { options: { max_steps: 2 } });
    expect(run.steps).toHaveLength(3);
    expect(run).toMatchObject({ stop: 'ended', exitStatus: 'autosubmission (max_steps)', scores: [expect.anything()] });
    expect(run.history.at(-2)?.content).toContain('(2, 0)');
  });

  it('submits when its configuration calls that by another name [E1]', async () => {
    const gym = await AgentGym.open();
    const config = await shortAgent({ submitCommand: 'hand_in' });
    const { run } = await play(gym, [says('hand_in')], { config });
    expect(run).toMatchObject({ exitStatus: 'submission_not_found (submit)', stop: 'ended' });
    expect(run.steps[0]).toMatchObject({ action: 'hand_in\n', sent: { type: 'submit' } });
  });

  it('waits for commands that the environment answers for before they are over [B4]', async () => {
    const gym = await AgentGym.open({
      wrap: (env) => stepping(env, (action, options) => env.step(action, { ...options, deadlineMs: 1 })),
      agent: { run: () => new Promise((resolve) => setTimeout(() => resolve({ output: 'trained' }), 50)) },
    });
    const { run } = await play(gym, [says('python train.py'), says('submit')]);
    expect(run.steps.map(({ observation }) => observation)).toEqual(['trained', 'Exited (submit)']);
  });

  it('asks for an evaluation again that failed for a fault of ours [B4]', async () => {
    let refusals = 1;
    const gym = await AgentGym.open({
      wrap: (env) =>
        stepping(env, async (action, options) => {
          if (refusals-- > 0) throw new RpcError('evaluation_unavailable', 'No sandbox.');
          return env.step(action, options);
        }),
    });
    const { run } = await play(gym, [says('submit')]);
    expect(run).toMatchObject({ stop: 'ended', exitStatus: 'submission_not_found (submit)' });
  });

  it('is told of an action that the server does not take, and pays a step for it [B1]', async () => {
    const gym = await AgentGym.open();
    const huge = 'x'.repeat(9 * 2 ** 20);
    const { run } = await play(gym, [says(huge), says('submit')]);
    expect(run.steps.map(({ observation }) => observation.slice(-17))).toEqual([
      ' Nothing was run.',
      'Exited (submit)',
    ]);
    expect(run.steps[1]?.result.observation.step).toBe(2);
  });

  it('is not blamed for a sandbox, a server or a connection that is lost [B4]', async () => {
    const lost = await AgentGym.open({
      agent: {
        run: ({ sandbox }) => {
          sandbox.lose();
          return {};
        },
      },
    });
    const { run } = await play(lost, [says('echo a')]);
    expect(run).toMatchObject({ stop: 'infrastructure', failure: expect.stringContaining('sandbox_unavailable') });
    const cut = await AgentGym.open();
    const away: ScriptedReply[] = [says('echo a')];
    const listener: AgentListener = { onStep: () => cut.channel?.close(1006, 'cut') };
    const other = await play(cut, [...away, says('echo b')], { listeners: [listener] });
    expect(other.run).toMatchObject({ stop: 'infrastructure', failure: expect.stringContaining('connection_lost') });
    expect(other.run.steps).toHaveLength(1);
    expect(other.run.history.at(-1)?.role).toBe('assistant');
  });

  it('does not begin where the task is unknown or a template cannot be filled in [B1]', async () => {
    const gym = await AgentGym.open();
    const model = new ScriptedModel([]);
    const config = await shortAgent();
    await expect(playEpisode(gym.client, 'toy/x-v1', { config, model })).rejects.toMatchObject({
      code: 'unknown_task',
    });
    const templates = { ...config.templates, nextStep: '{observaton}' };
    const played = playEpisode(gym.client, AgentGym.TASK, { config: { ...config, templates }, model });
    await expect(played).rejects.toThrow('observaton');
    expect(gym.sandboxes.held).toEqual([]);
    expect(model.requests).toEqual([]);
  });
});
