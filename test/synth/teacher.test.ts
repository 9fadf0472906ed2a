import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ModelError, type ModelRequest } from '../../src/agent/models/model.js';
import { ScriptedModel } from '../../src/agent/models/scripted-model.js';
import { BudgetReached } from '../../src/run/budget-reached.js';
import { pickTeacher } from '../../src/run/pick-teacher.js';
import { ReplayJournal } from '../../src/synth/journal/replay-journal.js';
import { spentOnCall } from '../../src/synth/run/spent-on-call.js';
import { TeacherKit } from './teacher-kit.js';

const Answer = z.strictObject({ problems: z.array(z.string()).min(1) });
/** The smallest prompts that ship. */
const JSON_QUESTION = { key: 'q', prompt: 'again-json', variables: { problems: 'p', schema: 's' } };
const FILES_QUESTION = { key: 'f', prompt: 'again-files', variables: { problems: 'p' } };
const GOOD = '{"problems": ["none"]}';
const FILE = 'FILE: a.py\n```python\nx = 1\n```\n';
const nobody = new ScriptedModel([], { name: 'script' });

describe('askJson', () => {
  it('asks by schema, and keeps question, answer, prompt and cost [S2][S8]', async () => {
    await using kit = await TeacherKit.make();
    const model = new ScriptedModel([{ text: GOOD, costUsd: 0.25 }]);
    const settings = { temperature: 0.3, top_p: 0.8, max_tokens: 500 };
    const { teacher, meter } = kit.teacher(model, { settings });
    expect(await teacher.askJson({ ...JSON_QUESTION, seed: 5 }, Answer)).toEqual({ value: { problems: ['none'] } });
    expect(model.requests[0]).toMatchObject({
      temperature: 0.3,
      topP: 0.8,
      maxTokens: 500,
      seed: 5,
      format: { name: 'again-json', isStrict: true },
      messages: [{ role: 'system' }, { role: 'user', content: expect.stringContaining('JSON') }],
    });
    const [entry] = await kit.entries();
    expect(entry).toMatchObject({
      key: '0001-1-x/q',
      question: { model: 'script', seed: 5, temperature: 0.3, messages: [{ role: 'system' }, { role: 'user' }] },
      answer: { text: GOOD },
      prompt: { name: 'again-json', version: 1 },
      cost_usd: 0.25,
      usage: { is_estimated: true },
    });
    expect(meter).toMatchObject({ asked: 1, charges: [{ usd: 0.25 }] });
  });

  it('asks nothing twice in a later process, and charges what was kept once [S8]', async () => {
    await using kit = await TeacherKit.make();
    await kit.teacher(new ScriptedModel(['no', { text: GOOD, costUsd: 1 }])).teacher.askJson(JSON_QUESTION, Answer);
    const { teacher, meter } = kit.teacher(nobody);
    const again = await teacher.askJson(JSON_QUESTION, Answer);
    expect(await teacher.askJson(JSON_QUESTION, Answer)).toEqual(again);
    expect(again).toEqual({ value: { problems: ['none'] } });
    expect([meter.asked, meter.charges.map(({ usd }) => usd)]).toEqual([0, [0, 1]]);
  });

  it('charges no dollars, and says so, where no price is known [S8]', async () => {
    await using kit = await TeacherKit.make();
    const { teacher, meter } = kit.teacher(new ScriptedModel([{ text: GOOD, costUsd: null }]));
    await teacher.askJson(JSON_QUESTION, Answer);
    expect(meter.charges).toMatchObject([{ usd: null }]);
    expect(spentOnCall(meter.charges[0]!)).toMatchObject({ usd: 0, calls: 1, unpriced_calls: 1 });
    const priced = { usd: 0.5, input_tokens: 2, output_tokens: 3 };
    expect(spentOnCall(priced)).toEqual({ ...priced, calls: 1, unpriced_calls: 0 });
  });

  it('is replayed from the journal of another run [S8]', async () => {
    await using kit = await TeacherKit.make();
    await kit.teacher(new ScriptedModel([GOOD])).teacher.askJson(JSON_QUESTION, Answer);
    const { teacher } = kit.teacher(nobody, { journal: new ReplayJournal(kit.journalRoot) });
    expect(await teacher.askJson(JSON_QUESTION, Answer)).toEqual({ value: { problems: ['none'] } });
    const other = { ...JSON_QUESTION, variables: { problems: 'q', schema: 's' } };
    await expect(teacher.askJson(other, Answer)).rejects.toThrow(
      /0001-1-x\/q was another question .*messages\.1\.content/,
    );
  });

  it('shows once what is wrong with an answer, and takes the next [B2]', async () => {
    await using kit = await TeacherKit.make();
    const model = new ScriptedModel(['{"problems": []}', `Sorry. ${GOOD}`]);
    expect(await kit.teacher(model).teacher.askJson(JSON_QUESTION, Answer)).toEqual({ value: { problems: ['none'] } });
    const last = model.requests[1]?.messages.slice(2);
    expect(last).toMatchObject([
      { role: 'assistant', content: '{"problems": []}' },
      { role: 'user', content: expect.stringMatching(/- problems: .*(?:>=1|at least 1|small)/i) },
    ]);
    expect((await kit.entries()).map(({ key }) => key).sort()).toEqual(['0001-1-x/q', '0001-1-x/q.again']);
  });

  it.each<[string, (string | object)[], 'refused' | 'malformed', RegExp]>([
    ['garbage twice', ['no', 'still no'], 'malformed', /holds no JSON/],
    ['nothing twice', ['', ''], 'malformed', /empty/],
    [
      'cut answers',
      [
        { text: '{"pro', finishReason: 'length' },
        { text: '', finishReason: 'length' },
      ],
      'malformed',
      /cut off/,
    ],
    ['the wrong form twice', ['{"problems": 1}', '{}'], 'malformed', /problems: /],
    ['a refusal that is marked', [{ refusal: 'I will not.' }], 'refused', /I will not/],
    ['a refusal in words', ["I'm sorry, but I can't help with that."], 'refused', /sorry/],
    ['a refusal after garbage', ['no', { refusal: 'I will not.' }], 'refused', /I will not/],
    ['a filtered answer', [{ text: '', finishReason: 'content_filter' }], 'refused', /filtered/],
  ])('gives up after %s [B2]', async (_name, replies, kind, detail) => {
    await using kit = await TeacherKit.make();
    const { teacher } = kit.teacher(new ScriptedModel(replies));
    expect(await teacher.askJson(JSON_QUESTION, Answer)).toEqual({
      fault: { kind, detail: expect.stringMatching(detail) },
    });
  });

  it('takes an answer that is whole although the endpoint ended it [B2]', async () => {
    await using kit = await TeacherKit.make();
    const { teacher } = kit.teacher(new ScriptedModel([{ text: GOOD, finishReason: 'length' }]));
    expect(await teacher.askJson(JSON_QUESTION, Answer)).toHaveProperty('value');
  });

  it.each<[string, ModelError, object]>([
    ['unauthorized', new ModelError('unauthorized', 'HTTP 401', 1), { isFatal: true }],
    ['quota', new ModelError('quota', 'HTTP 429: no money', 1), { isFatal: true }],
    ['no such model', new ModelError('bad_request', 'HTTP 404: The model `x` does not exist', 1), { isFatal: true }],
    ['rate_limit', new ModelError('rate_limit', 'HTTP 429 (given up)', 12), { isFatal: false }],
    ['server', new ModelError('server', 'HTTP 503', 12), { isFatal: false }],
    ['garbage', new ModelError('garbage', 'the answer is no JSON', 12), { isFatal: false }],
  ])('throws a fault of the endpoint: %s [B2]', async (_name, error, fault) => {
    await using kit = await TeacherKit.make();
    const { teacher } = kit.teacher(new ScriptedModel(() => Promise.reject(error)));
    await expect(teacher.askJson(JSON_QUESTION, Answer)).rejects.toMatchObject({
      name: 'StageFault',
      reason: 'teacher_unavailable',
      ...fault,
      cause: error,
    });
    expect(await kit.entries()).toEqual([]);
  });

  it.each<[string, ModelError, string]>([
    ['is too long', new ModelError('context_window', 'HTTP 400: 9000 tokens', 1), 'malformed'],
    ['is against a policy', new ModelError('bad_request', 'HTTP 400: flagged by content_filter', 1), 'refused'],
  ])('gives up a question that %s [B2]', async (_name, error, kind) => {
    await using kit = await TeacherKit.make();
    const { teacher } = kit.teacher(new ScriptedModel(() => Promise.reject(error)));
    expect(await teacher.askJson(JSON_QUESTION, Answer)).toMatchObject({ fault: { kind } });
  });

  it('throws what the meter and the signal throw [S8]', async () => {
    await using kit = await TeacherKit.make();
    const { teacher, meter } = kit.teacher(new ScriptedModel([GOOD]));
    meter.refusal = new BudgetReached('usd', 2, 1);
    await expect(teacher.askJson(JSON_QUESTION, Answer)).rejects.toBe(meter.refusal);
    const reason = new Error('stopped');
    const stopped = kit.teacher(new ScriptedModel([GOOD]), { signal: AbortSignal.abort(reason) });
    await expect(stopped.teacher.askJson(JSON_QUESTION, Answer)).rejects.toBe(reason);
  });
});

describe('askFiles', () => {
  it('reads files and what was said beside them [S4]', async () => {
    await using kit = await TeacherKit.make();
    const { teacher } = kit.teacher(new ScriptedModel([`Note.\n${FILE}`]));
    expect(await teacher.askFiles(FILES_QUESTION)).toEqual({
      files: [{ path: 'a.py', text: 'x = 1\n' }],
      notes: 'Note.',
    });
  });

  it('asks once more for files that cannot be read, and for those after which more may have come [B2]', async () => {
    await using kit = await TeacherKit.make();
    const model = new ScriptedModel(['Here you are.', FILE, { text: FILE, finishReason: 'length' }, FILE]);
    const { teacher } = kit.teacher(model);
    expect(await teacher.askFiles(FILES_QUESTION)).toHaveProperty('files');
    expect(await teacher.askFiles({ ...FILES_QUESTION, key: 'g' })).toHaveProperty('files');
    expect(model.requests.map(({ messages }) => messages.length)).toEqual([2, 4, 2, 4]);
    expect(model.requests[3]?.messages.at(-1)?.content).toContain('cut off');
  });

  it('gives up after a refusal, and after two answers without files [B2]', async () => {
    await using kit = await TeacherKit.make();
    const { teacher } = kit.teacher(new ScriptedModel(['I cannot help with that.', 'a', 'FILE: ../a\n```\n```']));
    expect(await teacher.askFiles(FILES_QUESTION)).toMatchObject({ fault: { kind: 'refused' } });
    expect(await teacher.askFiles({ ...FILES_QUESTION, key: 'g' })).toMatchObject({ fault: { kind: 'malformed' } });
  });
});

const chat = (...texts: string[]): ModelRequest['messages'] =>
  texts.map((content, i) => ({ role: i % 2 ? 'assistant' : 'user', content }));

describe('player', () => {
  it('keeps each question of an episode, with what is new in it, and says it again from there [S5][S8]', async () => {
    await using kit = await TeacherKit.make();
    const asked = [chat('a'), chat('a', 'one', 'b'), chat('x', 'one', 'c')];
    const play = async (model: ScriptedModel) => {
      const { teacher, meter } = kit.teacher(model);
      const player = teacher.player('episode/0');
      const heard: string[] = [];
      const said: string[] = [];
      for (const messages of asked) {
        said.push((await player.query({ messages, onText: (delta) => heard.push(delta) })).text);
      }
      expect([heard, player.fault]).toEqual([said, null]);
      return { said, charges: meter.charges.length, asked: meter.asked };
    };
    const first = await play(new ScriptedModel(['one', 'two', 'three']));
    const second = await play(nobody);
    expect(first).toEqual({ said: ['one', 'two', 'three'], charges: 3, asked: 3 });
    expect(second).toEqual({ ...first, asked: 0 });
    const entries = await kit.entries('0001-1-x/episode/0/');
    expect(
      entries.map(({ question }) => (question as { messages: { content: string }[] }).messages.map((m) => m.content)),
    ).toEqual([['a'], ['one', 'b'], ['x', 'one', 'c']]);
    expect(entries[1]?.question).toMatchObject({ continues: { key: 'episode/0/0', messages: 1 } });
  });

  it('asks anew where an episode took another turn, though the new messages are the same [S8]', async () => {
    await using kit = await TeacherKit.make();
    const play = async (texts: string[][], replies: string[]) => {
      const player = kit.teacher(new ScriptedModel(replies)).teacher.player('p');
      const said: string[] = [];
      for (const messages of texts) said.push((await player.query({ messages: chat(...messages) })).text);
      return said;
    };
    await play([['a'], ['a', 'one', 'same']], ['one', 'two']);
    expect(await play([['z'], ['z', 'uno', 'same']], ['uno', 'dos'])).toEqual(['uno', 'dos']);
  });

  it('is replayed turn by turn, though what the episode shows differs in its times [S5][S8]', async () => {
    await using kit = await TeacherKit.make();
    await kit
      .teacher(new ScriptedModel(['ls']))
      .teacher.player('p')
      .query({ messages: chat('took 1 s') });
    const { teacher } = kit.teacher(nobody, { journal: new ReplayJournal(kit.journalRoot) });
    const player = teacher.player('p');
    expect(await player.query({ messages: chat('took 2 s') })).toMatchObject({ text: 'ls' });
    await expect(player.query({ messages: chat('more') })).rejects.toThrow(/holds no answer to 0001-1-x\/p\/1/);
    expect(player.fault).toMatchObject({ name: 'ReplayMismatch' });
  });

  it('tells afterwards what ended it that is not its own doing [B2][S5]', async () => {
    await using kit = await TeacherKit.make();
    const failing = (error: Error) => kit.teacher(new ScriptedModel(() => Promise.reject(error))).teacher.player('p');
    const down = failing(new ModelError('server', 'HTTP 503', 12));
    await expect(down.query({ messages: chat('a') })).rejects.toThrow(ModelError);
    expect(down.fault).toMatchObject({ name: 'StageFault', isFatal: false });
    const long = failing(new ModelError('context_window', 'too long', 1));
    await expect(long.query({ messages: chat('a') })).rejects.toThrow('too long');
    expect(long.fault).toBe(null);
    const { teacher, meter } = kit.teacher(nobody);
    meter.refusal = new BudgetReached('tokens', 2, 1);
    const poor = teacher.player('p');
    await expect(poor.query({ messages: chat('a') })).rejects.toBe(meter.refusal);
    expect(poor.fault).toBe(meter.refusal);
    const stopped = kit.teacher(new ScriptedModel(['a'])).teacher.player('p');
    await expect(stopped.query({ messages: chat('a'), signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
    expect(stopped.fault).toBe(null);
  });
});

describe('pickTeacher', () => {
  it('is the same for a seed, and gives each teacher its share of many [F4][S8]', () => {
    const picks = Array.from({ length: 2000 }, (_, seed) => pickTeacher(seed, [1, 2, 1]));
    expect(picks).toEqual(picks.map((_, seed) => pickTeacher(seed, [1, 2, 1])));
    const shares = [0, 1, 2].map((at) => picks.filter((pick) => pick === at).length / picks.length);
    for (const [at, share] of [0.25, 0.5, 0.25].entries())
      expect(Math.abs((shares[at] ?? 0) - share)).toBeLessThan(0.04);
    expect(pickTeacher(7, [3])).toBe(0);
  });
});
