import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AgentRun } from '../../src/agent/agent-run.js';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { createModel, type ModelSettings } from '../../src/agent/models/create-model.js';
import { type PlayOptions, playEpisode } from '../../src/agent/play-episode.js';
import { type ConnectedGym, connectGym } from '../../src/cli/gym/connect-gym.js';
import { ChatEndpoint, type ChatPolicy } from '../../src/testing/chat-endpoint/chat-endpoint.js';
import type { ChatTurn } from '../../src/testing/chat-endpoint/chat-turn.js';
import { readSolutions } from '../../src/testing/chat-endpoint/read-solutions.js';
import { solutionPolicy } from '../../src/testing/chat-endpoint/solution-policy.js';

const TASK = 'reference/breast-cancer';
const AGENTS = { text: 'default', tools: 'tools' };
/** Quick, and with something to score from its first action on. */
const quick = solutionPolicy([
  {
    match: 'tumour',
    actions: ['python baseline.py', 'ls', 'validate', ...[4, 5, 6, 7].map((n) => `echo ${n}`), 'submit'],
  },
]);

/** Every second chat fails in another way; its repetition is answered. */
function failing(faults: readonly ChatTurn[]): ChatPolicy {
  const left = [...faults];
  return (request, call) => (call % 2 === 0 && left.shift()) || quick(request, call);
}

/** What endpoints do, with an answer that is right or cut off where it arrives at all. */
const ENDPOINT_FAULTS: readonly ChatTurn[] = [
  { status: 429, headers: { 'retry-after-ms': '5' } },
  { status: 503 },
  { text: 'DISCUSSION\nI begin', cut: 'within' },
  { status: 200, body: '<html>Bad gateway</html>' },
  { text: 'x', cut: 'before_headers' },
  { status: 200, body: '{"choices": [', content_type: 'application/json' },
];

/** What models do. */
const MODEL_FAULTS: readonly ChatTurn[] = [
  { text: '' },
  { refusal: 'I cannot help with that.' },
  { text: null },
  { text: 'no action at all' },
  { text: 'DISCUSSION\ncut', finish_reason: 'length' },
];

describe.each([
  ['local', 'text'],
  ['local', 'tools'],
  ['docker', 'text'],
  ['docker', 'tools'],
] as const)('a model behind an endpoint, in %s sandboxes with actions as %s', (backend, dialect) => {
  let gym: ConnectedGym;

  beforeAll(async () => {
    gym = await connectGym({ backend, warm: 1 });
  });

  afterAll(() => gym.close());

  async function play(
    policy: ChatPolicy,
    settings: ModelSettings = {},
    options: Partial<PlayOptions> = {},
  ): Promise<AgentRun> {
    await using endpoint = await ChatEndpoint.start(policy);
    const retry = { baseDelayMs: 1, maxDelayMs: 5 };
    const model = await createModel('stand-in', { baseUrl: endpoint.url, retry, ...settings });
    const config = await loadAgentConfig(AGENTS[dialect]);
    return await playEpisode(gym.client, TASK, { config, model, ...options });
  }

  it.each([true, false])('solves a task of the reference pack, streamed: %s [D2, E3, F5]', async (stream) => {
    const solutions = solutionPolicy(await readSolutions('packs/reference'));
    const run = await play(solutions, { stream });
    expect(run).toMatchObject({ stop: 'ended', failure: null, exitStatus: 'submitted' });
    expect(run.scores).toHaveLength(2);
    const { info, reward } = run.steps.at(-1)!.result;
    expect(info.score).toBeGreaterThan(info.baseline!);
    expect(reward).toBeGreaterThan(0);
    expect(run.stats).toMatchObject({ api_calls: run.steps.length, tokens_sent: expect.any(Number) });
    const roles = new Set(run.history.map(({ role }) => role));
    expect(roles.has('tool')).toBe(dialect === 'tools');
  });

  it.each([true, false])('gets over every fault of an endpoint, streamed: %s [B2, D2]', async (stream) => {
    const run = await play(failing(ENDPOINT_FAULTS), { stream });
    expect(run).toMatchObject({ stop: 'ended', exitStatus: 'submitted' });
    expect(run.steps.map(({ calls }) => calls.map(({ attempts }) => attempts))).toEqual([
      ...ENDPOINT_FAULTS.map(() => [2]),
      ...run.steps.slice(ENDPOINT_FAULTS.length).map(() => [1]),
    ]);
  });

  it('gets over refusals, empty and garbled answers, and pays for them [B2, D2]', async () => {
    const run = await play(failing(MODEL_FAULTS));
    expect(run).toMatchObject({ stop: 'ended', exitStatus: 'submitted' });
    const rejected = run.steps.flatMap(({ calls }) => calls.flatMap((call) => call.rejected ?? []));
    expect(rejected).toEqual(['empty', 'refusal', 'empty', 'format', 'format']);
    expect(run.stats.api_calls).toBe(run.steps.length + MODEL_FAULTS.length);
    expect(run.history.filter(({ role }) => role === 'assistant')).toHaveLength(run.steps.length);
  });

  it('has what it made scored when the endpoint stays away, and when chat or tokens come to an end [B2, E3]', async () => {
    const failsAfter = (calls: number, turn: ChatTurn): ChatPolicy => {
      return (request, call) => (call < calls ? quick(request, call) : turn);
    };
    const dead = await play(failsAfter(2, { status: 500 }), { retry: { maxAttempts: 2, baseDelayMs: 1 } });
    expect(dead).toMatchObject({ stop: 'api', exitStatus: 'autosubmission (exit_api)' });
    const full = await play(failsAfter(1, { status: 400, code: 'context_length_exceeded' }));
    expect(full).toMatchObject({ stop: 'context', exitStatus: 'autosubmission (exit_context)' });
    const spent = await play(quick, {}, { limits: { taskTokens: 1_000 } });
    expect(spent).toMatchObject({ stop: 'tokens', exitStatus: 'autosubmission (exit_cost)' });
    for (const run of [dead, full, spent]) expect(run.steps.at(-1)?.result.info.score).toBeGreaterThan(0.8);
  });
});
