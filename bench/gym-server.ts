import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openGym } from '../src/cli/gym/open-gym.js';
import { EnvClient } from '../src/client/index.js';
import { readConfig } from '../src/config.js';
import { startServer } from '../src/server/main.js';

/** A whole server on a backend, and a client that reached it over a real socket. */
export interface BenchGym {
  client: EnvClient;
  url: string;
  pid: number;
  close(): Promise<void>;
}

/** @param warm sandboxes kept ready per kind */
export async function benchGym(backend: 'docker' | 'local', warm: number): Promise<BenchGym> {
  const stateDir = await mkdtemp(path.join(tmpdir(), 'gymsmith-bench-'));
  const { rootfs, ...settings } = readConfig();
  const config = { ...settings, rootfs, backend, warm, stateDir, port: 0, host: '127.0.0.1', maxEpisodes: 1024 };
  const gym = await openGym(config);
  const server = await startServer({ config, catalogue: gym.catalogue, keepSessions: false, onClose: gym.close });
  const client = await EnvClient.connect(server.url);
  return {
    client,
    url: server.url,
    pid: process.pid,
    close: async () => {
      await client.close();
      await server.stop();
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
