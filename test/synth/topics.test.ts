import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { z } from 'zod';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import type { Topic } from '../../src/synth/candidate.js';
import { SynthSettings } from '../../src/synth/settings.js';
import { PromptSet } from '../../src/synth/teacher/prompts/prompt-set.js';
import type { Teacher, TeacherQuestion } from '../../src/synth/teacher/teacher.js';
import { AREAS } from '../../src/synth/topics/axes.js';
import { chooseCells } from '../../src/synth/topics/choose-cells.js';
import { measureDiversity, TopicDiversity } from '../../src/synth/topics/diversity.js';
import { openTopics } from '../../src/synth/topics/open-topics.js';
import { TextIndex } from '../../src/synth/topics/text-index.js';
import { TopicIndex } from '../../src/synth/topics/topic-index.js';
import { TopicsFile } from '../../src/synth/topics/topics-file.js';

const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-topics-'));
afterAll(() => rm(root, { recursive: true }));
let files = 0;
const newFile = (): string => path.join(root, String(files++), 'topics.json');

/** A word that nobody knows, the same for the same number. */
function word(number: number): string {
  const hash = createHash('sha256').update(String(number)).digest();
  return Array.from({ length: 3 }, (_, at) => `${'bdfgklmnprtvz'[hash[at]! % 13]}${'aiou'[hash[at + 9]! % 4]}`).join(
    '',
  );
}

/** Topics without end, each about something else. */
function topic(number: number): Topic {
  const [one, two, three, four] = [0, 1, 2, 3].map((at) => word(number * 4 + at));
  return {
    title: `Sorting ${one} and ${two} by ${three}`,
    summary: `Sort what is ${one} by its ${three}, where ${four} is unknown.`,
    area: 'tabular',
    modality: 'mixed columns',
    problem: 'regression',
    constraint: 'few labels',
  };
}

type Script = (
  question: TeacherQuestion,
  asked: number,
) => { topics: Topic[] } | { fault: { kind: 'refused' | 'malformed'; detail: string } };

/** A teacher that answers questions for JSON from a script, the same key always alike. */
class ScriptedTeacher implements Teacher {
  readonly name = 'scripted';
  readonly asked: TeacherQuestion[] = [];
  readonly filled: ReturnType<PromptSet['fill']>[] = [];
  private readonly kept = new Map<string, ReturnType<Script>>();

  constructor(private readonly script: Script) {}

  askJson<S extends z.ZodType>(question: TeacherQuestion, schema: S): ReturnType<Teacher['askJson']> & Promise<never> {
    const kept = this.kept.get(question.key);
    if (!kept) this.asked.push(question);
    this.filled.push(new PromptSet(null).fill(question.prompt, question.variables));
    const answer = kept ?? this.script(question, this.asked.length);
    this.kept.set(question.key, answer);
    return Promise.resolve('fault' in answer ? answer : { value: schema.parse(answer) }) as never;
  }

  askFiles(): never {
    throw new Error('Topics are no files');
  }

  player(): never {
    throw new Error('Nobody plays topics');
  }
}

const settingsFor = (more: z.input<typeof SynthSettings> extends infer T ? Partial<T> : never): SynthSettings =>
  SynthSettings.parse({ teachers: [{ model: 'm' }], topics: 12, topic_batch: 5, ...more });

/** Answers each batch with the next topics, some of them repeated. */
function steady(): Script {
  let next = 0;
  return ({ variables }) => {
    const count = variables.count as number;
    const fresh = Array.from({ length: count }, () => topic(next++));
    return { topics: [...fresh.slice(0, -1), { ...fresh[0]!, title: fresh[0]!.title.toUpperCase() }] };
  };
}

async function all(source: AsyncIterable<{ number: number; topic: Topic }>): Promise<string[]> {
  const titles: string[] = [];
  for await (const { number, topic } of source) {
    expect(number).toBe(titles.length + 1);
    titles.push(topic.title);
  }
  return titles;
}

test('topics are asked for until there are as many as wanted, repetitions apart [S1]', async () => {
  const file = newFile();
  const teacher = new ScriptedTeacher(steady());
  const source = await openTopics({ settings: settingsFor({}), file, teacherOf: () => teacher });
  expect(new Set(await all(source)).size).toBe(12);
  const { accepted, rejected, batches, end } = TopicsFile.parse(JSON.parse(await readFile(file, 'utf8')));
  expect(end?.why).toBe('complete');
  expect(accepted).toHaveLength(12);
  expect(rejected.filter(({ reason }) => reason === 'repeated').length).toBeGreaterThan(1);
  const answered = batches.reduce((sum, batch) => sum + batch.answered, 0);
  expect(answered).toBe(accepted.length + rejected.length);
  expect(batches.map(({ number }) => `batch/${number}`)).toEqual(teacher.asked.map(({ key }) => key));
});

test('a process that is killed after any write goes on to the same topics [S1, S8]', async () => {
  const settings = settingsFor({ topics: 14, topic_batch: 4 });
  const whole = await all(
    await openTopics({
      settings,
      file: newFile(),
      teacherOf: (
        (teacher) => () =>
          teacher
      )(new ScriptedTeacher(steady())),
    }),
  );
  const stop = fc.record({ after: fc.integer({ min: 0, max: 6 }), isWriteLost: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(stop, { maxLength: 6 }), async (stops) => {
      const file = newFile();
      const teacher = new ScriptedTeacher(steady());
      const open = () => openTopics({ settings, file, teacherOf: () => teacher });
      for (const { after, isWriteLost } of stops) {
        let taken = 0;
        const before = await readFile(file).catch(() => null);
        for await (const { topic } of await open()) {
          expect(topic.title).toBe(whole[taken]);
          if (++taken > after) break;
        }
        // Killed between the answer, which the journal has, and the write.
        if (isWriteLost && before) await writeFile(file, before);
        else if (isWriteLost) await rm(file);
      }
      expect(await all(await open())).toEqual(whole);
    }),
    { numRuns: 25 },
  );
});

test('answers that are none are asked for again, and given up after four in a row [S1, B2]', async () => {
  const broken: Script = (_question, asked) =>
    asked === 2 || asked > 3 ? { fault: { kind: 'refused', detail: 'no' } } : { topics: [topic(asked)] };
  const source = await openTopics({
    settings: settingsFor({}),
    file: newFile(),
    teacherOf: (
      (teacher) => () =>
        teacher
    )(new ScriptedTeacher(broken)),
  });
  expect(await all(source)).toHaveLength(2);
  expect(source.known.batches).toHaveLength(7);
  expect(source.known.end?.why).toBe('no_progress');
  expect(source.known.end?.detail).toContain(
    '2 of 12 topics; 4 batches in a row brought none: the last answer was refused',
  );
});

test('a run that was given more topics twice is played again at once, with the same questions and topics [S8]', async () => {
  const file = newFile();
  const teacher = new ScriptedTeacher(steady());
  for (const topics of [3, 7, 12])
    await all(await openTopics({ settings: settingsFor({ topics }), file, teacherOf: () => teacher }));
  const grown = TopicsFile.parse(JSON.parse(await readFile(file, 'utf8')));
  const questions = teacher.asked.map(({ key, variables }) => [key, variables]);
  const replayed = new ScriptedTeacher(steady());
  const targets = grown.batches.map(({ target }) => target);
  expect(new Set(targets)).toEqual(new Set([3, 7, 12]));
  const again = newFile();
  await all(await openTopics({ settings: settingsFor({}), file: again, teacherOf: () => replayed, targets }));
  expect(replayed.asked.map(({ key, variables }) => [key, variables])).toEqual(questions);
  expect(await readFile(again, 'utf8')).toBe(await readFile(file, 'utf8'));
});

test('what was spent is kept with the topics, over processes [S8]', async () => {
  const file = newFile();
  const teacher = new ScriptedTeacher(steady());
  const spent = () => ({ ...NOTHING_SPENT, usd: 1, calls: 2 });
  const first = await openTopics({ settings: settingsFor({ topics: 3 }), file, teacherOf: () => teacher, spent });
  await all(first);
  const second = await openTopics({ settings: settingsFor({ topics: 20 }), file, teacherOf: () => teacher, spent });
  expect(await all(second)).toHaveLength(20);
  expect(second.known.spent).toMatchObject({ usd: 2, calls: 4 });
});

test('a list of own topics keeps its titles and order; what the teacher does not say is left open [S1]', async () => {
  const settings = settingsFor({
    topic_list: ['Bees', 'Bees and wasps', 'Kilns', 'Ferries', 'Looms', 'Tides'],
    topic_batch: 4,
  });
  const teacher = new ScriptedTeacher((_question, asked) =>
    asked === 1
      ? { topics: [{ ...topic(0), number: 3, summary: 'Forecast kilns.', title: undefined } as never] }
      : { fault: { kind: 'malformed', detail: 'no JSON' } },
  );
  const source = await openTopics({ settings, file: newFile(), teacherOf: () => teacher });
  expect(await all(source)).toEqual(settings.topic_list);
  expect(source.known.accepted.map(({ topic }) => topic.summary)).toEqual([
    'Bees',
    'Bees and wasps',
    'Forecast kilns.',
    'Ferries',
    'Looms',
    'Tides',
  ]);
});

test('the prompts that ship say what is wanted, what there is, and of much only what matters [S1, S8]', async () => {
  const teacher = new ScriptedTeacher(steady());
  const settings = settingsFor({ topics: 150, topic_batch: 30 });
  await all(await openTopics({ settings, file: newFile(), teacherOf: () => teacher }));
  const texts = (await Promise.all(teacher.filled)).map(({ user }) => user);
  expect(texts[0]).toContain('Batch 1: 30 new topics.');
  expect(texts[0]).not.toContain('so far');
  expect(texts[1]).toContain('The topics that are accepted so far (29):\n- ');
  expect(texts[1]).toContain(`- ${topic(3).title} (tabular; regression)`);
  expect(texts[1]).toContain(
    `Rejected as repetitions; do not propose anything like them again:\n- ${topic(0).title.toUpperCase()}`,
  );
  const last = texts.at(-2) ?? '';
  expect(last).toMatch(/\d topics are accepted so far\. By area: tabular 1\d\d\. Those nearest/);
  expect(last.split('\n').filter((line) => line.startsWith('- Sorting')).length).toBeLessThan(101);
  const own = new ScriptedTeacher(() => ({ topics: [] }));
  await all(
    await openTopics({ settings: settingsFor({ topic_list: ['Bees'] }), file: newFile(), teacherOf: () => own }),
  );
  expect((await own.filled[0])?.user).toContain('1. Bees');
});

test('batches ask for areas that have the fewest topics, and the same seed asks for the same [S1]', () => {
  const areas = Object.keys(AREAS);
  const cells = chooseCells([], areas.length * 2, 7);
  expect(new Set(cells.slice(0, areas.length).map(({ area }) => area)).size).toBe(areas.length);
  expect(chooseCells([], areas.length * 2, 7)).toEqual(cells);
  const tabular = Array.from({ length: 9 }, (_, at) => topic(at));
  expect(chooseCells(tabular, areas.length - 1, 7).map(({ area }) => area)).not.toContain('tabular');
  for (const { area, modality, problem } of cells) {
    expect(AREAS[area]!.modalities).toContain(modality);
    expect(AREAS[area]!.problems).toContain(problem);
  }
});

test('paraphrases are near-duplicates, neighbours in a field are not [S1]', () => {
  const about = (title: string, summary: string): Topic => ({ ...topic(0), title, summary });
  const accepted = [
    about(
      'Forecasting hourly bike rentals across stations',
      'Given past rentals and weather, forecast how many bikes are rented in each hour at each station; scored by mean absolute error.',
    ),
    about(
      'Detecting sarcasm in short forum replies',
      'Given a reply and its parent comment, decide whether the reply is sarcastic; scored by F1.',
    ),
    about(
      'Bidding strategies in repeated sealed-bid auctions',
      'Write a bidder that earns more than fixed opponents in repeated first-price auctions with hidden budgets.',
    ),
    ...Array.from({ length: 60 }, (_, at) => topic(at * 7 + at)),
  ];
  const index = TopicIndex.of(accepted);
  const score = (title: string, summary: string): number => index.nearest(about(title, summary))!.cosine;
  expect(
    score(
      'Hourly bike rental forecasts across stations',
      'Forecast how many bikes are rented at each station in each hour from past rentals and weather, scored by mean absolute error.',
    ),
  ).toBeGreaterThan(0.6);
  expect(
    score(
      'Detecting sarcastic replies in short forum threads',
      'Given a parent comment and a reply, decide if the reply is sarcastic; F1 is the score.',
    ),
  ).toBeGreaterThan(0.6);
  expect(
    score(
      'Forecasting hourly electricity load of city districts',
      'Given past load and weather, forecast the load in each hour for each district; scored by mean absolute error.',
    ),
  ).toBeLessThan(0.55);
  expect(
    score(
      'Detecting hate speech in multilingual comments',
      'Given a comment in one of nine languages, decide whether it attacks a group; scored by macro F1.',
    ),
  ).toBeLessThan(0.55);
  expect(
    score(
      'Second-price auctions with correlated private values',
      'Design reserve prices that raise revenue when bidders share information.',
    ),
  ).toBeLessThan(0.55);
});

test('a text is most similar to itself, similarity lies between 0 and 1 and does not depend on who asks [S1]', () => {
  fc.assert(
    fc.property(fc.array(fc.lorem({ maxCount: 12 }), { minLength: 1, maxLength: 30 }), (texts) => {
      const index = new TextIndex();
      for (const text of texts) index.add(text);
      const table = texts.map((_, at) => index.cosinesAt(at));
      for (const [at, row] of table.entries()) {
        expect(row[at]).toBeCloseTo(1, 9);
        for (const [other, cosine] of row.entries()) {
          expect(cosine).toBeGreaterThanOrEqual(0);
          expect(cosine).toBeLessThanOrEqual(1);
          expect(cosine).toBeCloseTo(table[other]![at]!, 9);
        }
      }
    }),
    { numRuns: 30 },
  );
});

test('two thousand topics are told apart and measured [S1]', () => {
  const many = Array.from({ length: 2000 }, (_, at) => ({
    ...topic(at),
    title: `${topic(at).title} ${at.toString(36)}${(at * 7919).toString(36)}`,
  }));
  const index = new TopicIndex();
  for (const one of many) {
    index.nearest(one);
    index.add(one);
  }
  const diversity = TopicDiversity.parse(measureDiversity(many));
  expect(diversity.topics).toBe(2000);
  expect(diversity.nearest!.min).toBeGreaterThan(0);
  expect(diversity.axes.area).toEqual({ counts: { tabular: 2000 }, distinct: 1, entropy: 0 });
});

test('topics spread over the axes are more diverse than topics of one kind [S1]', () => {
  const cells = chooseCells([], 48, 1);
  const spread = cells.map((cell, at) => ({ ...topic(at * 11), ...cell }));
  const diverse = measureDiversity(spread);
  const narrow = measureDiversity(spread.map((_, at) => ({ ...topic(at % 6), title: `${topic(at % 6).title} ${at}` })));
  expect(diverse.axes.area.entropy).toBeGreaterThan(0.99);
  expect(narrow.axes.area.entropy).toBe(0);
  expect(diverse.nearest!.mean).toBeGreaterThan(narrow.nearest!.mean);
  expect(diverse.cells).toBeGreaterThan(narrow.cells);
  expect(diverse.largest_cluster).toBeLessThan(narrow.largest_cluster);
  expect(measureDiversity([])).toMatchObject({ topics: 0, nearest: null, clusters: 0 });
});
