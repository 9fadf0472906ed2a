import { expect, test } from 'vitest';
import { type AttemptPlan, planAttempts } from '../../src/rollout/sampling/plan-attempts.js';
import { SampleSettings } from '../../src/rollout/sampling/sample-settings.js';

const PLAN: AttemptPlan = {
  seed: 1,
  attempts: 2,
  players: [{ name: 'one', weight: 1 }],
  playersPerAttempt: 'weights',
};

const named = (...names: (string | null)[]) =>
  SampleSettings.safeParse({ players: names.map((name) => ({ model: 'any', name })) });

test('a player is called what a file can be called, and leads out of no directory [T1]', () => {
  for (const name of ['..', '.', '.hidden', '-v', 'a/b', '', 'a b', 'x'.repeat(65)]) {
    expect([name, named(name).success]).toEqual([name, false]);
  }
  for (const name of ['a', '4o', '_x', 'gpt-4.1-mini', 'x'.repeat(64)]) expect(named(name).success).toBe(true);
});

test('two players of one name are refused: one of them would never play [F4]', () => {
  expect(named('same', 'same').error?.issues[0]).toMatchObject({ path: ['players'] });
  expect(named('same', 'other', null, null).success).toBe(true);
});

test('a task of a server whose name leads out of the run is refused before anything is planned [T1]', () => {
  const plan = (task: string) => [...planAttempts(PLAN, [{ task, content_hash: 'sha256:0', gpus: 0 }])];
  for (const task of ['../../x-v0', 'a/../b-v0', '/etc/x-v0', 'a//b-v0', './a-v0', 'a\\..\\b-v0', 'a/b\n-v0', '']) {
    expect(() => plan(task)).toThrow(/no file can be named after/);
  }
  expect(plan('made/..dots..-v0').map(({ id }) => id)).toEqual([
    'made/..dots..-v0/one/00000',
    'made/..dots..-v0/one/00001',
  ]);
});
