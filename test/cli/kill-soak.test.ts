import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EnvClient, type Episode } from '../../src/client/index.js';
import type { RpcError } from '../../src/protocol/index.js';
import { pearFiles, writeFiles } from '../env/pack-fixture.js';
import { startDurableServer } from './durable-server.js';

/** The score is the number of lines that the agent's commands wrote. */
const EVALUATOR = `import json
print(json.dumps({"rmse": sum(1 for _ in open("submission.csv")), "r2": 0.5}))
`;
const COUNT = 'echo x >> submission.csv; sleep 0.1; wc -l < submission.csv';

let directory: string;
let port: number;
let server: ChildProcessWithoutNullStreams;

async function serve(backend: string): Promise<void> {
  const pack = path.join(directory, 'pack');
  server = await startDurableServer(directory, port, ['--backend', backend, '--warm', '1', '--pack', pack]);
}

async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const ended = once(server, 'close');
  server.kill(signal);
  await ended;
}

/** How a request ended that a restart cut short: nothing of it is left, or it did its work and only the result is lost. */
async function outcomeOf<T>(request: Promise<T>): Promise<T | 'nothing' | 'unknown'> {
  try {
    return await request;
  } catch (error) {
    const { code, data } = error as RpcError;
    if (data?.restarted !== true && code !== 'episode_busy') throw error;
    return code === 'sandbox_unavailable' || code === 'episode_busy' ? 'nothing' : 'unknown';
  }
}

async function start(client: EnvClient): Promise<Episode> {
  for (;;) {
    const episode = await outcomeOf(client.reset('fruit/pears-v3', { options: { max_steps: 1000 } }));
    if (typeof episode === 'object') return episode;
  }
}

/** Plays an episode whose every command counts itself. @returns the score, and the counts that it may have */
async function play(client: EnvClient): Promise<{ score: number | null; least: number; most: number }> {
  const episode = await start(client);
  let [least, most] = [0, 0];
  for (let step = 0; step < 6; step++) {
    const result = await outcomeOf(episode.step(COUNT));
    if (result === 'nothing') await outcomeOf(episode.step({ type: 'wait' }));
    else if (result === 'unknown') most += 1;
    else {
      const seen = Number(result.observation.text);
      expect(seen).toBeGreaterThan(least);
      expect(seen).toBeLessThanOrEqual(most + 1);
      [least, most] = [seen, seen];
    }
  }
  for (;;) {
    // The result of a submission that was cut short is asked for again: by the same action, which is not done twice.
    const result = await outcomeOf(episode.step('submit'));
    if (result === 'nothing') await outcomeOf(episode.step({ type: 'wait' }));
    if (typeof result === 'string') continue;
    await episode.close();
    return { score: result.info.score, least, most };
  }
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

it.each([
  ['local', 8, 4],
  ['docker', 3, 2],
])(
  'a server on %s that is killed at any moment does nothing twice, loses nothing and leaves nothing [B4]',
  { timeout: 180_000 },
  async (backend, episodes, kills) => {
    await serve(backend);
    const reconnect = { baseDelayMs: 50, maxDelayMs: 500, giveUpMs: 120_000 };
    const client = await EnvClient.connect(`ws://127.0.0.1:${port}`, { reconnect });
    const playing = Promise.all(Array.from({ length: episodes }, () => play(client)));
    playing.catch(() => {});
    for (let killed = 0; killed < kills; killed++) {
      await delay(200 + Math.random() * 1800);
      await end('SIGKILL');
      await serve(backend);
    }
    for (const { score, least, most } of await playing) {
      expect(score).toBeGreaterThanOrEqual(least);
      expect(score).toBeLessThanOrEqual(most);
    }
    expect(await client.listEpisodes()).toEqual([]);
    await client.close();
    await end('SIGTERM');
    const left = await readdir(path.join(directory, 'run', backend));
    expect(left.filter((name) => name.startsWith('sb-'))).toEqual([]);
    expect(
      await readdir(path.join(directory, 'state', 'sessions', `127.0.0.1-${port}`.replace(/[^\w.-]/g, '_'))),
    ).toEqual([]);
  },
);
