import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { Topic } from '../../src/synth/candidate.js';
import { REASONS } from '../../src/synth/reasons.js';
import { readAnswerFiles } from '../../src/synth/teacher/answers/answer-files.js';
import { FAULTS } from '../../src/testing/teacher-stand-in/faults/faults.js';
import { type KnownPrompt, readKnownPrompts } from '../../src/testing/teacher-stand-in/known-prompts.js';
import type { RecordedTask } from '../../src/testing/teacher-stand-in/recorded-task.js';
import { TEACHER_RECORDINGS } from '../../src/testing/teacher-stand-in/start-teacher-stand-in.js';
import { teacherPolicy } from '../../src/testing/teacher-stand-in/teacher-policy.js';
import { readTeacherRecordings } from '../../src/testing/teacher-stand-in/teacher-recordings.js';
import { timedPolicy } from '../../src/testing/teacher-stand-in/timed-policy.js';

let tasks: RecordedTask[];
let prompts: KnownPrompt[];

beforeAll(async () => {
  tasks = await readTeacherRecordings(TEACHER_RECORDINGS);
  prompts = await readKnownPrompts(path.join(PROJECT_ROOT, 'prompts'));
});

function opening(name: string): string {
  return prompts.find((prompt) => prompt.name === name)!.opening;
}

function asked(prompt: string, user: string, seed = 1, more: { role: 'assistant' | 'user'; content: string }[] = []) {
  const messages = [
    { role: 'system' as const, content: `${opening(prompt)} And so on.` },
    { role: 'user' as const, content: user },
    ...more,
  ];
  return { model: 'stand-in', messages, seed };
}

describe('the recordings', () => {
  it('are forty topics and more, of all the areas that are asked for [S1]', () => {
    expect(tasks.filter(({ entry }) => entry.expected !== null).length).toBeGreaterThanOrEqual(40);
    const areas = new Set(tasks.map(({ topic }) => Topic.parse(topic).area));
    for (const area of [
      'computer vision',
      'language',
      'reinforcement learning',
      'time series',
      'game theory',
      'tabular',
    ]) {
      expect(areas, area).toContain(area);
    }
  });

  it('use every fault that there is, and expect ends that there are [S6]', () => {
    const used = tasks.flatMap(({ entry }) => [
      ...entry.proposal,
      ...entry.design,
      ...entry.attempts.flat(),
      ...entry.player,
    ]);
    expect(Object.keys(FAULTS).filter((name) => !used.includes(name))).toEqual([]);
    for (const { entry } of tasks)
      if (entry.expected?.reason) expect(REASONS, entry.topic).toHaveProperty(entry.expected.reason);
  });

  it('give files that can be read, for every attempt of every topic [S4]', () => {
    for (const task of tasks.filter(({ entry }) => entry.proposal.length === 0)) {
      const turn = task.write(9, true);
      if (task.entry.never_mended) continue;
      const read = readAnswerFiles(turn as string);
      expect(read, task.entry.topic).toHaveProperty('files');
      if ('files' in read) expect(read.files.map((file) => file.path)).toContain('evaluate.py');
    }
  });
});

describe('the stand-in', () => {
  const topic = 'Removing noise from recordings of tones with a short filter';

  it('gives equal questions equal answers, and counts those that differ [S6]', async () => {
    const policy = teacherPolicy(tasks, prompts);
    const first = await policy(asked('generation', `Topic: ${topic}`, 5), 0);
    const repair = await policy(asked('repair', `Topic: ${topic}\nAttempt 1`, 6), 1);
    expect(first).toContain("float('nan')");
    expect(repair).toContain('Evaluation complete');
    expect(await policy(asked('generation', `Topic: ${topic}`, 5), 2)).toBe(first);
    expect(await policy(asked('repair', `Topic: ${topic}\nAttempt 1`, 6), 3)).toBe(repair);
  });

  it('makes the first mistake again where only evidence mends it [S6]', async () => {
    const policy = teacherPolicy(tasks, prompts);
    const [first, restart] = [
      await policy(asked('generation', `Topic: ${topic}`, 5), 0),
      await policy(asked('generation', `Topic: ${topic}`, 7), 1),
    ];
    expect(restart).toBe(first);
  });

  it('thinks of the topics that are not accepted yet, and repeats one only beside it [S1]', async () => {
    const policy = teacherPolicy(tasks, prompts);
    const titlesOf = (turn: unknown) =>
      (JSON.parse(turn as string).topics as { title: string }[]).map(({ title }) => title);
    const first = titlesOf(await policy(asked('topics', 'Batch 1: 3 new topics.'), 0));
    expect(first).toHaveLength(4);
    const listed = first.map((title) => `- ${title} (area; problem)`).join('\n');
    const second = titlesOf(await policy(asked('topics', `Batch 2: 5 new topics.\n${listed}`), 1));
    expect(second).toHaveLength(5);
    expect(second.filter((title) => first.includes(title))).toEqual([]);
  });

  it('mends broken JSON when asked again, where the recording says so [S2]', async () => {
    const policy = teacherPolicy(tasks, prompts);
    const wine = 'Tracing wines to their grapes by chemistry';
    const broken = (await policy(asked('proposal', `Topic: ${wine}`), 0)) as string;
    expect(() => JSON.parse(broken)).toThrow();
    const again = [
      { role: 'assistant' as const, content: broken },
      { role: 'user' as const, content: 'It cannot be read.' },
    ];
    const mended = (await policy(asked('proposal', `Topic: ${wine}`, 1, again), 1)) as string;
    expect(JSON.parse(mended)).toMatchObject({ slug: 'wine-origin' });
  });

  it('plays a task that it knows, in text and with tools [S5]', async () => {
    const policy = teacherPolicy(tasks, prompts);
    const task = tasks.find(({ entry }) => entry.topic === 'pole-balancing')!;
    const messages = [
      { role: 'system' as const, content: 'You are a researcher.' },
      { role: 'user' as const, content: `THE TASK\n${task.goal}\n\nMore.` },
    ];
    expect(await policy({ model: 'stand-in', messages }, 0)).toMatchObject({
      text: expect.stringContaining('cat cart.py baseline.py'),
    });
    const bash = { name: 'bash', parameters: { type: 'object' as const, properties: { command: { type: 'string' } } } };
    const turn = await policy({ model: 'stand-in', messages, tools: [{ type: 'function', function: bash }] }, 1);
    expect(turn).toMatchObject({ tool_calls: [{ name: 'bash' }] });
  });

  it('takes the time that a seed gives it, the same for the same question [S8]', async () => {
    const policy = timedPolicy(teacherPolicy(tasks, prompts), { firstTokenMs: 500, tokenMs: 10, spread: 0.5, seed: 3 });
    const question = asked('generation', `Topic: ${topic}`, 5);
    const [one, two] = [await policy(question, 0), await policy(question, 1)];
    expect(one).toEqual(two);
    expect((one as { first_token_ms: number }).first_token_ms).toBeGreaterThan(1000);
  });

  it('says what it has no recording for [S2]', async () => {
    const policy = teacherPolicy(tasks, prompts);
    expect(await policy(asked('proposal', 'Topic: Something else'), 0)).toMatchObject({ status: 400 });
  });
});
