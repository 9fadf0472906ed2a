import { describe, expect, it } from 'vitest';
import { OpenAiModel } from '../../src/agent/models/openai-model.js';
import { ScriptedModel } from '../../src/agent/models/scripted-model.js';
import type { Candidate, Proposal } from '../../src/synth/candidate.js';
import { proposalAnswer } from '../../src/synth/proposal/proposal-answer.js';
import { proposalStage } from '../../src/synth/proposal/proposal-stage.js';
import { SynthSettings } from '../../src/synth/settings.js';
import type { StageContext } from '../../src/synth/stage.js';
import type { Teacher } from '../../src/synth/teacher/teacher.js';
import { ChatEndpoint, FAULT_NAMES, type FaultName, faultyPolicy } from '../../src/testing/index.js';
import { ManualClock } from '../agent/manual-clock.js';
import { sampleCandidate } from './sample-candidate.js';
import { TeacherKit } from './teacher-kit.js';

const SETTINGS = SynthSettings.parse({ teachers: [{ model: 'm' }], hub: { blocked: ['acme/secret'] } });

const PROPOSAL: Proposal = {
  slug: 'river-gauge-nowcast',
  name: 'Nowcasting river levels',
  description: 'Predict the level of a river from the gauges upstream, hour by hour, where some of the sensors fail.',
  metric: { name: 'mae', direction: 'minimize', lower: 0, upper: null, explanation: 'mean absolute error' },
  submission: { kind: 'predictions', files: ['submission.csv'] },
  dataset: { id: 'owner/rivers', query: 'river level', reason: 'level is the target' },
  approach_of_baseline: 'The last value.',
  room_for_improvement: 'Lags; trees.',
  baseline_minutes: 0.5,
  gpus: 0,
};

function candidate(id = '0007-1-rivers'): Candidate {
  const topic = {
    title: 'River levels from upstream gauges',
    summary: 'Levels are predicted.',
    area: 'time series',
    modality: 'sensors',
    problem: 'forecasting',
    constraint: 'gaps',
  };
  return sampleCandidate({ id, topic, seed: 1 });
}

/** What this stage uses of its context. */
function context(teacher: Teacher, settings = SETTINGS): StageContext {
  const used: Partial<StageContext> = { settings, teacher, tell: () => {}, signal: new AbortController().signal };
  return used as StageContext;
}

const { metric, submission } = PROPOSAL;
const program = { kind: 'program', files: ['strategy.py'] } as const;

describe('a proposal', () => {
  it('is taken where it can be built, of each kind [S2]', () => {
    const schema = proposalAnswer(SETTINGS);
    expect(schema.parse(PROPOSAL)).toEqual(PROPOSAL);
    expect(schema.safeParse({ ...PROPOSAL, dataset: null, submission: program }).success).toBe(true);
    const artifact = { kind: 'artifact', files: ['weights.npz', 'code/steps.json'] };
    expect(schema.safeParse({ ...PROPOSAL, submission: artifact }).success).toBe(true);
  });

  it.each(['https://huggingface.co/datasets/owner/rivers/', 'datasets/owner/rivers', ' owner/rivers '])(
    'names its dataset by its name, not as %j [S2][S3]',
    (id) => {
      const dataset = { id, query: 'q', reason: 'r' };
      expect(proposalAnswer(SETTINGS).parse({ ...PROPOSAL, dataset }).dataset?.id).toBe('owner/rivers');
    },
  );

  it.each<[string, object, RegExp]>([
    ['bounds the wrong way round', { metric: { ...metric, lower: 1, upper: 0.5 } }, /metric\.upper.*not above/],
    ['bounds without room', { metric: { ...metric, lower: 1, upper: 1 } }, /metric\.upper/],
    ['a metric that can be negative', { metric: { ...metric, lower: -1 } }, /metric\.lower/],
    ['no words', { description: `${'x'.repeat(60)}` }, /description.*too little/],
    ['a baseline that takes too long', { baseline_minutes: 11 }, /baseline_minutes.*10 minutes at most/],
    ['GPUs that there are none of', { gpus: 1 }, /gpus.*has 0/],
    ['predictions without a dataset', { dataset: null }, /dataset/],
    ['predictions in another file', { submission: { ...submission, files: ['out.csv'] } }, /submission\.files/],
    [
      'a dataset without a name',
      { dataset: { id: 'https://huggingface.co/datasets/', query: 'q', reason: '' } },
      /dataset\.id/,
    ],
    ['a dataset without words', { dataset: { id: 'a/b', query: ' ', reason: '' } }, /dataset\.query/],
    ['a program without code', { submission: { kind: 'program', files: ['a.json'] } }, /no Python file/],
    ['an artifact of code', { submission: { kind: 'artifact', files: ['a.py'] } }, /hold a program/],
    ['a pickle', { submission: { kind: 'artifact', files: ['a.pkl'] } }, /runs code/],
    ['the name of the evaluator', { submission: { kind: 'program', files: ['evaluate.py'] } }, /place of the task/],
    ['a hidden directory', { submission: { kind: 'program', files: ['hidden/a.py'] } }, /place of the task/],
    ['a path that leaves', { submission: { kind: 'program', files: ['../a.py'] } }, /begins with a dot/],
    ['a name that looks like an option', { submission: { kind: 'program', files: ['-c.py'] } }, /or a hyphen/],
    ['a path without end', { submission: { kind: 'program', files: [`${'a/'.repeat(60)}a.py`] } }, /longer than 100/],
    [
      'a place below the evaluator',
      { submission: { kind: 'program', files: ['evaluate.py/a.py'] } },
      /place of the task/,
    ],
    ['a module of Python', { submission: { kind: 'program', files: ['sched.py'] } }, /in place of the module sched/],
    ['a package of a library', { submission: { kind: 'program', files: ['numpy/core.py'] } }, /of the module numpy/],
    ['a name twice', { submission: { kind: 'program', files: ['a.py', 'a.py'] } }, /named twice/],
  ])('is refused with %s, in words that help [S2][S7]', (_name, change, problem) => {
    const parsed = proposalAnswer(SETTINGS).safeParse({ ...PROPOSAL, ...change });
    const said = parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
    expect(said).toMatch(problem);
  });
});

describe('proposalStage', () => {
  it('takes a candidate to grounding, by a question that is a function of it alone [S2]', async () => {
    await using kit = await TeacherKit.make();
    const model = new ScriptedModel(() => JSON.stringify(PROPOSAL));
    const next = await proposalStage.run(candidate(), context(kit.teacher(model).teacher));
    expect(next).toEqual({ ...candidate(), state: 'grounding', proposal: PROPOSAL });
    const [system, user] = model.requests[0]?.messages ?? [];
    expect(system?.content).toMatch(/^You turn a research topic into the proposal of one machine-learning task/);
    expect(user?.content).toMatch(/^Topic: River levels from upstream gauges$/m);
    expect(user?.content).toContain('acme/secret');
    expect(user?.content).not.toMatch(/task 1 of|\{\{|undefined/);
    expect(model.requests[0]?.format?.isStrict).toBe(true);
    await proposalStage.run(candidate(), context(kit.teacher(model, { prefix: 'other' }).teacher));
    expect(model.requests[1]).toEqual({ ...model.requests[0], signal: expect.anything() });
  });

  it('asks for another task for each number of a topic [S2][S9]', async () => {
    await using kit = await TeacherKit.make();
    const model = new ScriptedModel(() => JSON.stringify(PROPOSAL));
    const settings = { ...SETTINGS, tasks_per_topic: 3 };
    for (const id of ['0007-1-rivers', '0007-2-rivers']) {
      await proposalStage.run(candidate(id), context(kit.teacher(model, { prefix: id }).teacher, settings));
    }
    const users = model.requests.map(({ messages }) => messages[1]?.content);
    expect(users[0]).toMatch(/task 1 of 3 .* propose the first of them/s);
    expect(users[1]).toMatch(/task 2 of 3 .* propose the second of them/s);
    expect(model.requests[0]?.seed).not.toBe(model.requests[1]?.seed);
  });

  it.each<[string, string[], string]>([
    ['that cannot be read', ['no', 'no'], 'proposal_malformed'],
    ['that cannot be built', Array(2).fill(JSON.stringify({ ...PROPOSAL, gpus: 4 })), 'proposal_malformed'],
    ['that is refused', ['I am sorry, I cannot help with that.'], 'proposal_refused'],
  ])('rejects what has an answer %s [S2][B2]', async (_name, replies, reason) => {
    await using kit = await TeacherKit.make();
    const { teacher } = kit.teacher(new ScriptedModel(replies));
    const next = await proposalStage.run(candidate(), context(teacher));
    expect(next).toMatchObject({ state: 'rejected', reason, proposal: null });
    expect(next.detail?.length).toBeGreaterThan(3);
  });
});

/** How a proposal ends where every answer has the fault. */
const ENDS: Readonly<Record<FaultName, string>> = {
  rate_limit: 'teacher_unavailable',
  server_error: 'teacher_unavailable',
  html: 'teacher_unavailable',
  garbage: 'teacher_unavailable',
  no_choice: 'teacher_unavailable',
  cut_early: 'teacher_unavailable',
  cut_late: 'teacher_unavailable',
  empty: 'proposal_malformed',
  null_content: 'proposal_malformed',
  refusal: 'proposal_refused',
  cut_off: 'proposal_malformed',
  slow: 'grounding',
};

async function propose(kit: TeacherKit, url: string, id: string): Promise<string> {
  const model = new OpenAiModel({ model: 'm', baseUrl: url, clock: new ManualClock(), retry: { maxAttempts: 12 } });
  const { teacher } = kit.teacher(model, { prefix: id });
  const next = await proposalStage.run(candidate(id), context(teacher)).catch((error) => error);
  return next.reason ?? next.state ?? String(next);
}

describe('proposals of an endpoint that misbehaves', () => {
  it.each(FAULT_NAMES)('end with their reason when every answer has the fault %s [B2]', async (fault) => {
    await using kit = await TeacherKit.make();
    const policy = faultyPolicy(() => JSON.stringify(PROPOSAL), { rates: { [fault]: 1 } });
    await using endpoint = await ChatEndpoint.start(policy);
    expect(await propose(kit, endpoint.url, '0001-1-a')).toBe(ENDS[fault]);
  });

  it('mostly succeed when a third of the answers has some fault, and end the same without asking when run again [B2][S8]', async () => {
    await using kit = await TeacherKit.make();
    const rates = Object.fromEntries(FAULT_NAMES.map((name) => [name, 0.03]));
    const policy = faultyPolicy(() => JSON.stringify(PROPOSAL), { rates });
    await using endpoint = await ChatEndpoint.start(policy, { formats: ['json_object'] });
    const ids = Array.from({ length: 40 }, (_, i) => `00${i + 10}-1-a`);
    const ends: string[] = [];
    for (const id of ids) ends.push(await propose(kit, endpoint.url, id));
    expect(new Set(ends)).not.toContain('teacher_unavailable');
    expect(ends.filter((end) => end === 'grounding').length).toBeGreaterThan(30);
    const asked = endpoint.chats.length;
    const again: string[] = [];
    for (const id of ids) again.push(await propose(kit, endpoint.url, id));
    expect([again, endpoint.chats.length]).toEqual([ends, asked]);
  });
});
