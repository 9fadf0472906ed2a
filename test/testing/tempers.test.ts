import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { ChatEndpoint, parseTemper, readSolutions, solutionPolicy } from '../../src/testing/index.js';

const SOLUTION = {
  match: 'Sort numbers.',
  actions: ['ls', 'python baseline.py', 'create sort.py', 'python sort.py', 'validate', 'submit'],
};
const tempers = Object.fromEntries(
  [
    'strong',
    'weak=baseline:1',
    'lost=wanders:1',
    'moody=leaves:1',
    'mixed=solves:5,baseline:3,wanders:1,leaves:1,detours:0-4,output:100-200,thoughts:50-300,format:0.2',
  ].map((text) => {
    const { name, temper } = parseTemper(text);
    return [name, temper];
  }),
);

interface Asked {
  model: string;
  seed: number;
  steps?: number;
}

/** Plays an episode against an endpoint. @returns what was answered, to an action that ends it */
async function play({ url }: ChatEndpoint, { model, seed, steps = 12 }: Asked): Promise<string[]> {
  const messages: object[] = [{ role: 'user', content: 'TASK: Sort numbers.' }];
  const answers: string[] = [];
  while (answers.length < steps) {
    const body = JSON.stringify({ model, seed, messages });
    const response = await fetch(`${url}/chat/completions`, { method: 'POST', body });
    const { choices } = (await response.json()) as { choices: [{ message: { content: string } }] };
    const { content } = choices[0].message;
    answers.push(content);
    const action = /```\n([\s\S]*)\n```/.exec(content)?.[1];
    if (action === 'submit' || action === 'exit_forfeit') break;
    messages.push(choices[0].message, { role: 'user', content: 'observation' });
  }
  return answers;
}

const actionsOf = (answers: readonly string[]) => answers.map((text) => /```\n([\s\S]*)\n```/.exec(text)?.[1] ?? null);

describe('a model with a temper', () => {
  it('solves, hands in the baseline, wanders or leaves [E2] [T1]', async () => {
    await using endpoint = await ChatEndpoint.start(solutionPolicy([SOLUTION], tempers));
    expect(actionsOf(await play(endpoint, { model: 'strong', seed: 1 }))).toEqual(SOLUTION.actions);
    expect(actionsOf(await play(endpoint, { model: 'weak', seed: 1 }))).toEqual(['ls', 'python baseline.py', 'submit']);
    const lost = actionsOf(await play(endpoint, { model: 'lost', seed: 1 }));
    expect(lost).toHaveLength(12);
    expect(lost).not.toContain('submit');
    expect(actionsOf(await play(endpoint, { model: 'moody', seed: 1 })).at(-1)).toBe('exit_forfeit');
  });

  it('plays the same episode for the same seed, after a restart and whatever else is asked [T1]', async () => {
    const seeds = Array.from({ length: 20 }, (_, seed) => seed);
    const record = async (order: readonly number[]) => {
      await using endpoint = await ChatEndpoint.start(solutionPolicy([SOLUTION], tempers));
      const played = await Promise.all(order.map((seed) => play(endpoint, { model: 'mixed', seed })));
      return new Map(order.map((seed, at) => [seed, played[at]]));
    };
    const [first, again] = [await record(seeds), await record(seeds.toReversed())];
    for (const seed of seeds) expect(again.get(seed)).toEqual(first.get(seed));
    expect(new Set([...first.values()].map((answers) => JSON.stringify(answers))).size).toBeGreaterThan(15);
  });

  it('goes each way as often as its weights say, and has thoughts, detours and answers without an action [E2]', async () => {
    await using endpoint = await ChatEndpoint.start(solutionPolicy([SOLUTION], tempers));
    const played = await Promise.all(
      Array.from({ length: 400 }, (_, seed) => play(endpoint, { model: 'mixed', seed, steps: 20 })),
    );
    const ends = played.map((answers) => {
      const actions = actionsOf(answers);
      if (actions.includes('create sort.py')) return 'solves';
      return actions.includes('exit_forfeit') ? 'leaves' : actions.includes('submit') ? 'baseline' : 'wanders';
    });
    const count = (end: string) => ends.filter((one) => one === end).length / ends.length;
    for (const [end, share] of Object.entries({ solves: 0.5, baseline: 0.3, wanders: 0.1, leaves: 0.1 })) {
      expect(Math.abs(count(end) - share)).toBeLessThan(0.08);
    }
    const answers = played.flat();
    const empty = actionsOf(answers).filter((action) => action === null).length / answers.length;
    expect(Math.abs(empty - 0.2)).toBeLessThan(0.05);
    const thoughts = answers.filter((text) => text.includes('```')).map((text) => text.indexOf('```'));
    expect(Math.min(...thoughts)).toBeGreaterThan(40);
    expect(Math.max(...thoughts)).toBeGreaterThan(250);
  });

  it('takes the baseline of every task of the reference pack for what comes before the first change [E2]', async () => {
    const solutions = await readSolutions(path.join(PROJECT_ROOT, 'packs', 'reference'));
    expect(solutions).toHaveLength(9);
    for (const { actions } of solutions) {
      expect(actions.findIndex((action) => /^(create|edit)/.test(action))).toBeGreaterThan(0);
    }
  });

  it('is read from a text, and what cannot be read is named [B1]', () => {
    expect(parseTemper('strong=solves:8,baseline:2,latency:1000-20000')).toMatchObject({
      name: 'strong',
      temper: { solves: 8, baseline: 2, wanders: 0, latency: [1000, 20_000] },
    });
    expect(parseTemper('slow=latency:5').temper).toMatchObject({ solves: 1, latency: [5, 5] });
    for (const [text, problem] of [
      ['=solves:1', 'it must look like'],
      ['a=sings:1', 'sings:1 is none of solves, baseline'],
      ['a=solves:1-2', 'solves: '],
      ['a=format:1.5', 'format: '],
      ['a=detours:5-2', 'the first number is the least one'],
    ] as const) {
      expect(() => parseTemper(text)).toThrow(problem);
    }
  });
});

describe('limits of a minute', () => {
  const ask = ({ url }: ChatEndpoint, model: string, content: string) =>
    fetch(`${url}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ model, max_tokens: 100, messages: [{ role: 'user', content }] }),
    });

  it('are those of each model, told with every answer and enforced with 429 as the API does it [T1]', async () => {
    await using endpoint = await ChatEndpoint.start(() => 'fine', { perMinute: { requests: 3, tokens: 10_000 } });
    const first = await ask(endpoint, 'm', 'hello');
    expect(first.status).toBe(200);
    const header = (response: Response, name: string) => response.headers.get(`x-ratelimit-${name}`);
    expect(header(first, 'limit-requests')).toBe('3');
    expect(header(first, 'remaining-requests')).toBe('2');
    expect(header(first, 'reset-requests')).toMatch(/^(20|19\.\d+)s$/);
    expect(Number(header(first, 'remaining-tokens'))).toBeLessThan(9900);
    await ask(endpoint, 'm', 'hello');
    await ask(endpoint, 'm', 'hello');
    const refused = await ask(endpoint, 'm', 'hello');
    expect(refused.status).toBe(429);
    expect(header(refused, 'remaining-requests')).toBe('0');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(15);
    expect(await refused.json()).toMatchObject({
      error: {
        type: 'requests',
        code: 'rate_limit_exceeded',
        message: expect.stringMatching(
          /on requests per min \(RPM\): Limit 3, Used 3, Requested 1\. Please try again in/,
        ),
      },
    });
    expect((await ask(endpoint, 'other', 'hello')).status).toBe(200);
    const long = await ask(endpoint, 'third', 'x'.repeat(39_000));
    expect(long.status).toBe(200);
    const tokens = await ask(endpoint, 'third', 'x'.repeat(8000));
    expect(((await tokens.json()) as { error: { type: string } }).error.type).toBe('tokens');
  });
});
