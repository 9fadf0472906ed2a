// Lets a model play a reference task, and keeps the trajectory.
//
//   gymsmith serve                       in one terminal
//   npx tsx examples/run-agent.ts        in another; the address is its argument, the token is GYMSMITH_TOKEN
//
// Without an endpoint it starts a stand-in that says a recorded solution. With one:
//   OPENAI_BASE_URL=http://127.0.0.1:8000/v1 MODEL=Qwen/Qwen3-8B npx tsx examples/run-agent.ts
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { loadAgentConfig } from '../src/agent/config/load-agent-config.js';
import { createModel } from '../src/agent/models/create-model.js';
import { playEpisode } from '../src/agent/play-episode.js';
import { EnvClient } from '../src/client/index.js';
import { makeRunDirectory, runName, taskIdOf } from '../src/rollout/run-directory.js';
import { RunFiles } from '../src/rollout/run-files.js';
import { ChatEndpoint } from '../src/testing/chat-endpoint/chat-endpoint.js';
import { readSolutions } from '../src/testing/chat-endpoint/read-solutions.js';
import { solutionPolicy } from '../src/testing/chat-endpoint/solution-policy.js';

const address = process.argv[2] ?? 'ws://127.0.0.1:8765';
const root = process.argv[3] ?? path.join('trajectories', 'examples');

await using standIn = await ChatEndpoint.start(solutionPolicy(await readSolutions('packs/reference')));
const baseUrl = process.env.OPENAI_BASE_URL ?? standIn.url;
const model = await createModel(process.env.MODEL ?? 'stand-in', { baseUrl, apiKey: process.env.OPENAI_API_KEY });

// `default` answers in text, as MLGym's agents do; `tools` calls functions. A YAML of MLGym or SWE-agent is named by its path.
const config = await loadAgentConfig('default');
const named = {
  model: model.name,
  taskId: 'breast-cancer',
  agent: config.name,
  temperature: null,
  topP: null,
  costLimit: 1,
};
const directory = await makeRunDirectory(root, runName(named));
const files = new RunFiles(directory.path, { config, model: { name: model.name, settings: { baseUrl } } });

await using client = await EnvClient.connect(address, { token: process.env.GYMSMITH_TOKEN });
const run = await playEpisode(client, 'reference/breast-cancer', {
  config,
  model,
  seed: 1,
  limits: { taskUsd: 1, taskTokens: 500_000, timeMs: 10 * 60_000 },
  listeners: [files, { onAction: (_thought, action) => console.log(`$ ${action.trim().split('\n')[0]}`) }],
});

// Whatever a model did wrong ends in a submission; only a server that failed is `infrastructure`.
assert.notEqual(run.stop, 'infrastructure', run.failure ?? '');
assert.equal(run.exitStatus, 'submitted');
assert.equal(files.fault, null);
const last = run.steps.at(-1)!.result;
console.log(`${last.info.metric} ${last.info.score}, reward ${last.reward}, ${run.stats.api_calls} calls`);
assert.ok(last.reward !== null && last.reward > 0);

// What MLGym's scripts read, and more under the key of ours.
const file = path.join(directory.path, `${taskIdOf(run.task)}.traj`);
const trajectory = JSON.parse(await readFile(file, 'utf8'));
assert.deepEqual(Object.keys(trajectory), ['environment', 'trajectory', 'history', 'info', 'gymsmith']);
assert.equal(trajectory.info.exit_status, 'submitted');
console.log(`play again: gymsmith replay ${file}`);
console.log('ok');
