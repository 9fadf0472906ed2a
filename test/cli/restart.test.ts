import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/index.js';
import { startDurableServer } from './durable-server.js';

let directory: string;
let port: number;
let server: ChildProcessWithoutNullStreams;

async function serve(backend: string): Promise<void> {
  server = await startDurableServer(directory, port, ['--backend', backend, '--warm', '0']);
}

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'gs-'));
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  port = (probe.address() as AddressInfo).port;
  probe.close();
});

afterEach(async () => {
  const ended = once(server, 'close');
  server.kill('SIGTERM');
  await ended;
  await rm(directory, { recursive: true, force: true });
});

it.each(['docker', 'local'])(
  'an episode in a %s sandbox goes on after the server was killed and started again [B4]',
  async (backend) => {
    await serve(backend);
    const reconnect = { baseDelayMs: 50, maxDelayMs: 500, giveUpMs: 60_000 };
    await using client = await EnvClient.connect(`ws://127.0.0.1:${port}`, { reconnect });
    const episode = await client.reset('reference/breast-cancer');
    await episode.bash('KEPT=yes; sleep 300 & echo $! > /tmp/pid');
    const killed = once(server, 'close');
    server.kill('SIGKILL');
    await killed;
    await serve(backend);
    const { observation } = await episode.bash('kill -0 $(cat /tmp/pid) && echo alive $KEPT');
    expect(observation.text).toContain('alive yes');
    expect(observation.step).toBe(2);
  },
);
