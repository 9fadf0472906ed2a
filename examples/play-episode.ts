// Plays one episode of a reference task: look around, write a better model, have it scored.
//
//   gymsmith serve                       in one terminal
//   npx tsx examples/play-episode.ts     in another; the address is its argument, the token is GYMSMITH_TOKEN
//
// In a program of your own: import { EnvClient } from 'gymsmith/client'.
import assert from 'node:assert/strict';
import { EnvClient, RpcError } from '../src/client/index.js';

const address = process.argv[2] ?? 'ws://127.0.0.1:8765';
const MODEL = `import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier

train, test = pd.read_csv('data/train.csv'), pd.read_csv('data/test.csv')
features = [name for name in test.columns if name != 'id']
model = HistGradientBoostingClassifier(random_state=0).fit(train[features], train['malignant'])
test['malignant'] = model.predict(test[features])
test[['id', 'malignant']].to_csv('submission.csv', index=False)
print('wrote', len(test), 'rows')
`;

await using client = await EnvClient.connect(address, { token: process.env.GYMSMITH_TOKEN });
await using episode = await client.reset('reference/breast-cancer', { seed: 1 });
console.log(episode.reset?.observation.text.split('\n')[0]);

// A command may print for a long time: its output comes as it is written.
const baseline = await episode.bash('python baseline.py', { onOutput: (chunk) => void process.stdout.write(chunk) });
assert.equal(baseline.observation.exit_code, 0, baseline.observation.text);

// validate scores what there is, and the episode goes on.
const first = await episode.validate();
console.log(`baseline: ${first.info.metric} ${first.info.score}`);

await episode.create('model.py', MODEL);
const run = await episode.bash('python model.py');
assert.match(run.observation.text, /wrote 250 rows/);

// submit scores and ends it.
const last = await episode.submit();
console.log(`achieved: ${last.info.metric} ${last.info.score}, reward ${last.reward}`);
assert.equal(last.terminated, true);
assert.ok(last.info.score !== null && first.info.score !== null && last.info.score > first.info.score);
assert.ok(last.reward !== null && last.reward > 0);

// What the server refuses has a code, and says whether asking again can help.
const error = await episode.step('ls').catch((caught: unknown) => caught);
assert.ok(error instanceof RpcError && error.code === 'episode_over' && !error.retryable);
console.log('ok');
