import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ScriptedModel } from '../../src/agent/models/scripted-model.js';
import { playEpisode } from '../../src/agent/play-episode.js';
import { EnvClient } from '../../src/client/index.js';
import { startDurableServer } from '../cli/durable-server.js';
import { pearFiles, writeFiles } from '../env/pack-fixture.js';
import { says, shortAgent } from './agent-gym.js';

/** Takes long enough to be interrupted, and counts how often commands of the agent ran. */
const EVALUATOR = `import json, time
time.sleep(1.5)
print(json.dumps({"rmse": sum(1 for _ in open("submission.csv")), "r2": 0.5}))
`;

let directory: string;
let port: number;
let server: ChildProcessWithoutNullStreams;

async function serve(backend: string): Promise<void> {
  const pack = path.join(directory, 'pack');
  server = await startDurableServer(directory, port, ['--backend', backend, '--warm', '0', '--pack', pack]);
}

async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const ended = once(server, 'close');
  server.kill(signal);
  await ended;
}

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gs-'));
  await writeFiles(pearFiles({ 'data/pears/evaluate.py': EVALUATOR }), path.join(directory, 'pack'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  port = (probe.address() as AddressInfo).port;
  probe.close();
});

afterEach(async () => {
  if (server.exitCode === null && server.signalCode === null) await end('SIGTERM');
  await rm(directory, { recursive: true, force: true });
});

it.each(['local', 'docker'])(
  'an agent in %s sandboxes plays on when the server is killed under a command, a validation and a submission [B4, E3]',
  async (backend) => {
    await serve(backend);
    const reconnect = { baseDelayMs: 50, maxDelayMs: 500, giveUpMs: 120_000 };
    await using client = await EnvClient.connect(`ws://127.0.0.1:${port}`, { reconnect });
    const actions = [
      'echo x >> submission.csv; echo begun; sleep 3; wc -l < submission.csv',
      'validate',
      'pwd',
      'submit',
    ];
    let killed = 0;
    let restarting = Promise.resolve();
    const restart = async () => {
      killed++;
      await end('SIGKILL');
      await serve(backend);
    };
    const scored = async () => {
      await vi.waitFor(async () => expect((await client.listEpisodes())[0]?.status).toBe('evaluating'), 60_000);
      await restart();
    };
    const run = await playEpisode(client, 'fruit/pears-v3', {
      config: await shortAgent(),
      model: new ScriptedModel(actions.map((action) => says(action))),
      listeners: [
        {
          onAction: (_, action) => {
            if (/^(validate|submit)\n$/.test(action)) restarting = scored();
          },
          onOutput: (chunk) => {
            if (Buffer.from(chunk).includes('begun')) restarting = restart();
          },
        },
      ],
    });
    await restarting;
    expect(killed).toBe(3);
    expect(run).toMatchObject({ stop: 'ended', exitStatus: 'submitted' });
    expect(run.steps.map(({ result }) => result.observation.step)).toEqual([1, 2, 3, 4]);
    expect(run.steps[0]?.observation).toBe('begun\n1');
    expect(run.steps[1]?.observation).toContain('Evaluation Score');
    expect(run.steps[3]?.result.info.score).toBe(1);
    expect(run.scores).toHaveLength(2);
  },
);
