// Steps a group of equal episodes as one batch, as group-relative reinforcement learning does.
//
//   gymsmith serve
//   npx tsx examples/env-pool.ts [address] [envs]
import assert from 'node:assert/strict';
import { EnvPool } from '../src/client/index.js';

const address = process.argv[2] ?? 'ws://127.0.0.1:8765';
const size = Number(process.argv[3] ?? 3);

await using pool = await EnvPool.connect(address, { token: process.env.GYMSMITH_TOKEN });

// One group: the same task and the same seed for all.
const resets = await pool.reset('reference/breast-cancer', size);
assert.ok(resets.every((outcome) => outcome.ok));
assert.equal(new Set(resets.map((outcome) => (outcome.ok ? outcome.value.info.seed : null))).size, 1);

// A stand-in for a policy: each env of the group tries another threshold.
const actions = Array.from({ length: size }, (_, i) => {
  const rule = `test['malignant'] = (test['f00'].rank(pct=True) > ${0.4 + 0.2 * i}).astype(int)`;
  const lines = ['import pandas as pd', `test = pd.read_csv('data/test.csv')`, rule];
  return [...lines, `test[['id', 'malignant']].to_csv('submission.csv', index=False)`].join('\n');
});
const written = await pool.step(actions.map((code, i) => ({ type: 'create', path: `policy_${i}.py`, text: code })));
assert.ok(written.every((outcome) => outcome?.ok));
await pool.step(actions.map((_, i) => `python policy_${i}.py`));

// Results come in the order of the envs. A failure is a value and concerns no other env.
const ends = await pool.step(actions.map(() => 'submit'));
const rewards = ends.map((outcome) => (outcome?.ok ? outcome.value.reward : null));
console.log('rewards', rewards);
assert.ok(rewards.every((reward) => typeof reward === 'number'));
const mean = rewards.reduce<number>((sum, reward) => sum + (reward ?? 0), 0) / size;
console.log(
  'advantages',
  rewards.map((reward) => (reward ?? 0) - mean),
);
console.log('ok');
