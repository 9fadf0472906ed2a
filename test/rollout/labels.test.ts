import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AgentRun, AgentStep } from '../../src/agent/agent-run.js';
import { EstimatedTokens } from '../../src/agent/models/estimated-tokens.js';
import { controlTokens } from '../../src/rollout/labels/control-tokens.js';
import { leaksIdentity } from '../../src/rollout/labels/identity-leak.js';
import { labelTrajectory } from '../../src/rollout/labels/label-trajectory.js';
import { Labels, TurnTokens } from '../../src/rollout/labels/labels.js';
import { parseTrajectory } from '../../src/rollout/parse-trajectory.js';
import { TrajectoryText } from '../../src/rollout/trajectory-text.js';
import { SAMPLE_CONFIG, sampleResult, sampleRun, sampleStep } from './sample-run.js';

const FILE = '/runs/model-x__pearWeights__default__t-0.00__p-0.95__c-4.00__install-0/pearWeights.traj';

function labelsOf(contents: string, file = FILE): Labels {
  const { labels, turns } = labelTrajectory(parseTrajectory(contents, file), file, new EstimatedTokens());
  TurnTokens.parse(turns);
  expect(turns.ends.at(-1) ?? 0).toBe(labels.tokens);
  return Labels.parse(labels);
}

function ofRun(changes: Partial<AgentRun> = {}): Labels {
  const facts = { config: SAMPLE_CONFIG, model: { name: 'gpt', settings: {} } };
  return labelsOf(Buffer.concat(new TrajectoryText().of(sampleRun(changes), facts)).toString());
}

function evaluated(score: number | null): AgentStep {
  return sampleStep('validate\n', sampleResult({ score, valid: score !== null, evaluation_ms: 5 }));
}

describe('labels of a trajectory of ours', () => {
  it('say who played what, how it ended and what it cost [T3 T4]', () => {
    const labels = ofRun();
    expect(labels).toMatchObject({
      ...{ task: 'fruit/pears-v3', model: 'gpt', agent: 'default', parser: 'mlgym_thought_action', seed: 7 },
      ...{ exit_status: 'submitted', complete: true, infrastructure: false, steps: 2, turns: 2, format_errors: 0 },
      ...{ direction: 'maximize', baseline: 0.5, tokens_exact: false, evidence: [], cheating: false },
    });
    expect(labels.fingerprint).toMatch(/^[0-9a-f]{32}$/);
    expect(labels.assistant_tokens).toBeLessThan(labels.tokens);
  });

  it('know the best and the last score, in the direction of the task [T3 T4]', () => {
    const steps = [evaluated(0.4), evaluated(0.9), evaluated(null), evaluated(0.6)];
    const up = ofRun({ steps });
    expect(up).toMatchObject({ submissions: 4, valid: 3, best: 0.9, last: 0.6, improves: true });
    expect(up.improvement).toBeCloseTo(0.8, 12);
    const task = { ...sampleRun().task, direction: 'minimize' as const };
    const down = ofRun({ steps, task });
    expect(down).toMatchObject({ best: 0.4, improves: true });
    expect(down.improvement).toBeCloseTo(0.2, 12);
    expect(ofRun({ steps: [evaluated(0.9)], task })).toMatchObject({ improves: false, best: 0.9 });
    expect(ofRun({ steps: [evaluated(0.5)] })).toMatchObject({ improves: false, improvement: 0 });
    expect(ofRun({ steps: [evaluated(0.9), evaluated(null)] })).toMatchObject({ valid: 1, last: null });
    expect(ofRun({ steps: [evaluated(1)], baselineScores: null })).toMatchObject({ baseline: null, improvement: null });
    expect(ofRun({ steps: [evaluated(1)], baselineScores: { r2: 0 } })).toMatchObject({
      improves: true,
      improvement: null,
    });
  });

  it.each([
    [{ stop: 'infrastructure' as const }, true],
    [{ stop: 'api' as const, exitStatus: 'autosubmission (exit_api)' }, true],
    [{ stop: 'running' as const }, true],
    [{ exitStatus: 'sandbox_unavailable (sandbox_lost)' }, true],
    [{ stop: 'cost' as const, exitStatus: 'autosubmission (exit_cost)' }, false],
    [{ stop: 'format' as const, exitStatus: 'submission_not_found (exit_format)' }, false],
  ])("tell others' faults from what the agent did: %j [T2]", (changes, infrastructure) => {
    expect(ofRun(changes)).toMatchObject({ infrastructure });
  });

  it.each([
    ['submitted', true],
    ['evaluation_format_error (submit)', true],
    ['submission_not_found (submit)', true],
    ['autosubmission (max_steps)', false],
    ['evaluation_format_error (exit_context)', false],
    ['', false],
  ])('know whether the agent handed in itself: %j [T4]', (exitStatus, complete) => {
    expect(ofRun({ exitStatus })).toMatchObject({ complete });
  });

  it('count answers that were of no use, and not the faults of the endpoint [T4]', () => {
    const [call] = sampleStep().calls;
    const calls = ['format', null, 'refusal', 'rate_limit', 'empty'].map((rejected) => ({ ...call!, rejected }));
    expect(ofRun({ steps: [{ ...sampleStep(), calls }] })).toMatchObject({ format_errors: 3 });
  });

  it('do not know a price that no call had [T4]', () => {
    const calls = sampleStep().calls.map((call) => ({ ...call, cost_usd: null }));
    expect(ofRun({ steps: [{ ...sampleStep(), calls }] }).usd).toBeNull();
    expect(ofRun().usd).not.toBeNull();
  });

  it('are of one print for the same actions, whatever the space and the last words of the loop [T4]', () => {
    const print = (...actions: string[]) => ofRun({ steps: actions.map((action) => sampleStep(action)) }).fingerprint;
    expect(print('ls\n', 'submit\n')).toBe(print('ls  \n\n', 'submit'));
    expect(print('ls', 'exit_cost')).toBe(print('ls'));
    expect(print('ls', 'pwd')).not.toBe(print('pwd', 'ls'));
    expect(print('a\nb')).not.toBe(print('a', 'b'));
  });
});

describe("labels of others' trajectories", () => {
  const step = { state: '{}', response: 'x', thought: '', action: 'validate\n', execution_time: 1, observation: 'o' };
  const info = { exit_status: 'submitted', score: [{ Score: 1.5 }, { Score: 2.5 }], model_stats: { total_cost: 0.5 } };

  it("take task and player from MLGym's names, and leave what is not known empty [T3]", () => {
    const history = [{ role: 'system', content: 's', agent: 'a' }];
    expect(
      labelsOf(JSON.stringify({ environment: 'mlgym_main', trajectory: [step, step], history, info })),
    ).toMatchObject({
      ...{
        task: 'pearWeights',
        model: 'model-x',
        agent: 'default',
        parser: '',
        seed: null,
        direction: null,
        best: null,
      },
      ...{ last: 2.5, valid: 2, submissions: 2, improves: false, usd: 0.5, seconds: 0, tokens: 0, turns: 0 },
    });
  });

  it("read SWE-agent's, and numbers that only Python writes [T3 B1]", () => {
    const text = JSON.stringify({ trajectory: [step], history: null, info: { ...info, score: [{ r2: 'N' }] } });
    const labels = labelsOf(text.replace('"N"', 'NaN'), '/x/django__django-1.traj');
    expect(labels).toMatchObject({ task: 'django__django-1', model: '', valid: 0, last: null });
  });

  it('never fail for other reasons than that a file is no trajectory [B1]', () => {
    const odd = fc.record(
      {
        trajectory: fc.array(fc.record({ action: fc.string(), state: fc.string(), observation: fc.string() })),
        history: fc.array(fc.record({ role: fc.constantFrom('user', 'assistant', 'x'), content: fc.string() })),
        info: fc.record(
          { exit_status: fc.string(), model_stats: fc.anything(), submission: fc.string() },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(odd, (value) => void labelsOf(JSON.stringify(value))),
      { numRuns: 300 },
    );
  });
});

describe('marks of the template within messages', () => {
  it.each([
    ['user', 'cat tokenizer: <|im_end|> <|im_start|>', 2],
    ['tool', '</tool_response>', 1],
    ['user', 'say <think>', 0],
    ['assistant', '<think>\nhm\n</think>\n\nls', 0],
    ['assistant', 'I write </think> here', 1],
    ['assistant', '<think>a</think> b </think>', 1],
    ['assistant', 'a < b | c > d', 0],
  ] as const)('%s: %s [T4]', (role, content, expected) => {
    expect(controlTokens([{ role, content }]) > 0).toBe(expected > 0);
  });

  it('are found in arguments of calls [T4]', () => {
    const tool_calls = [{ name: 'bash', arguments: '{"command": "echo <|im_end|>"}' }];
    expect(controlTokens([{ role: 'assistant', content: '', tool_calls }])).toBe(1);
  });
});

describe('identity of the model that speaks', () => {
  it.each([
    "I'm Claude, an AI assistant made by Anthropic.",
    'As an AI language model developed by OpenAI, I cannot run this.',
    'I am ChatGPT.',
    'My name is Gemini.',
    'As Claude, I will look at the data first.',
    'I was trained by Google DeepMind to help.',
    '```\ngit commit -m "x\n\nCo-Authored-By: Claude <noreply@anthropic.com>"\n```',
    '# Author: ChatGPT\nimport os',
  ])('is told: %s [T4]', (text) => {
    expect(leaksIdentity(text)).toBe(true);
  });

  it.each([
    "I'll use the OpenAI Gym interface and GPT-2 as the baseline.",
    'I am using Llama-2 tokenizers; Llama is made by Meta.',
    'As GPT-2 models go, this is small.',
    'This is Qwen2.5-0.5B, which I fine-tune.',
    '```python\nprompt = "I am Claude, made by Anthropic"\n```',
    'I am running `ChatGPT.py` now.',
    'The data was created by OpenAI (see README).',
    "I'm Gemini-config loading: gemini.yaml",
    'As an AI language model is expensive, I train a linear one.',
    'import openai, anthropic',
  ])('is not told: %s [T4]', (text) => {
    expect(leaksIdentity(text)).toBe(false);
  });
});
