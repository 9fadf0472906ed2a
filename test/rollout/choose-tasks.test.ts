import { describe, expect, it } from 'vitest';
import { chooseTasks } from '../../src/rollout/sampling/choose-tasks.js';
import { playerNames } from '../../src/rollout/sampling/player-names.js';
import { projectSampling } from '../../src/rollout/sampling/project-sampling.js';
import { NOTHING_SPENT } from '../../src/run/spent.js';

const KNOWN = ['a/one-v1', 'a/one-v2', 'a/one-v10', 'a/two-v1', 'b/one-v1', 'b/three.x-v1'].map((task) => ({ task }));
const chosen = (patterns: string[], exclude: string[] = []) =>
  chooseTasks(KNOWN, patterns, exclude).tasks.map(({ task }) => task);

describe('tasks that patterns choose', () => {
  it('are the highest versions, unless a version is named [T1]', () => {
    expect(chosen(['*'])).toEqual(['a/one-v10', 'a/two-v1', 'b/one-v1', 'b/three.x-v1']);
    expect(chosen(['a/one'])).toEqual(['a/one-v10']);
    expect(chosen(['a/one-v2'])).toEqual(['a/one-v2']);
    expect(chosen(['a/*'])).toEqual(['a/one-v10', 'a/two-v1']);
    expect(chosen(['*/one'])).toEqual(['a/one-v10', 'b/one-v1']);
    expect(chosen(['*one*', 'a/two'], ['b/*'])).toEqual(['a/one-v10', 'a/two-v1']);
    expect(chosen(['*'], ['a/one', 'b/three.x-v1'])).toEqual(['a/two-v1', 'b/one-v1']);
  });

  it('take nothing in a pattern but the star for more than itself [T1]', () => {
    expect(chosen(['b/three.x', 'a/.wo', 'a/(one'])).toEqual(['b/three.x-v1']);
  });

  it('are named by what comes near where a pattern chooses none [B1]', () => {
    expect(chooseTasks(KNOWN, ['a/tow', 'thre.x', 'a/*'], []).unmatched).toEqual([
      { pattern: 'a/tow', nearest: expect.arrayContaining(['a/two']) },
      { pattern: 'thre.x', nearest: expect.arrayContaining(['b/three.x']) },
    ]);
  });
});

describe('names of players', () => {
  it('are their own, else fit for a path, and each another [F4]', () => {
    const named = (name: string | null, model: string) => ({ name, model });
    expect(
      playerNames([
        named(null, 'openai:Qwen/Qwen3-8B'),
        named('Qwen-Qwen3-8B', 'x'),
        named(null, '../..'),
        named(null, 'gpt-5'),
        named(null, 'gpt-5'),
      ]),
    ).toEqual(['Qwen-Qwen3-8B-2', 'Qwen-Qwen3-8B', 'model', 'gpt-5', 'gpt-5-2']);
  });
});

describe('what the rest of a run takes', () => {
  const basis = { attempts: 100, gpus: 50, price: { input: 1, output: 10 }, atOnce: 10, played: null };

  it('is reckoned from published runs before anything was played [T1]', () => {
    const { low, expected, high } = projectSampling(basis);
    expect(expected).toMatchObject({ questions: 2400, input_tokens: 32_700_000, output_tokens: 1_040_000 });
    expect(expected.usd).toBeCloseTo(43.1, 1);
    expect(low.usd!).toBeLessThan(expected.usd!);
    expect(high.wall_seconds).toBeGreaterThan(expected.wall_seconds);
    expect(projectSampling({ ...basis, price: null }).expected.usd).toBeNull();
  });

  it('is reckoned from the run itself after some episodes [T1]', () => {
    const spent = { ...NOTHING_SPENT, usd: 2, calls: 100, input_tokens: 1000, output_tokens: 500 };
    const { low, expected } = projectSampling({ ...basis, played: { episodes: 10, seconds: 3600, spent } });
    expect(low).toEqual(expected);
    expect(expected).toEqual({
      questions: 1000,
      input_tokens: 10_000,
      output_tokens: 5000,
      usd: 20,
      gpu_hours: 5,
      wall_seconds: 3600,
    });
  });
});
