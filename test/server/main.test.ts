import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Env } from '../../src/env/env.js';
import { jsonCodec } from '../../src/protocol/index.js';
import { startServer } from '../../src/server/main.js';
import { FileSessionStore } from '../../src/server/sessions/file-session-store.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { EchoProcess } from './echo-process.js';
import { dial, Harness, silent } from './harness.js';
import { NativePeer } from './native-peer.js';

const connect = async (server: EchoProcess): Promise<NativePeer> => {
  const peer = new NativePeer(await dial(`${server.url}/v1/ws`), jsonCodec);
  await peer.hello();
  return peer;
};

describe('a server process', () => {
  it('at SIGTERM tells its clients, lets steps end, gives everything back and exits with 0', async () => {
    await using server = await EchoProcess.start();
    const peer = await connect(server);
    const id = await peer.reset();
    const step = peer.request('step', { episode_id: id, action: 'sleep 0.3' });
    await peer.call('list_tasks', {});
    server.kill('SIGTERM');
    await peer.take('draining');
    await expect(dial(`${server.url}/v1/ws`)).rejects.toThrow();
    expect(await peer.answer(step)).toMatchObject({ result: { observation: { text: 'awake' } } });
    expect((await peer.closed).code).toBe(1012);
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.lines.at(-1)).toBe('left open: 0');
    expect(server.stderr).toBe('');
  });

  it('waits for a step that does not end no longer than its limit', async () => {
    await using server = await EchoProcess.start({ drainMs: 50 });
    const peer = await connect(server);
    const id = await peer.reset();
    peer.request('step', { episode_id: id, action: 'block' });
    await peer.call('list_tasks', {});
    server.kill('SIGINT');
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(server.lines.at(-1)).toBe('left open: 0');
  });

  it('ends at once at a second signal', async () => {
    await using server = await EchoProcess.start({ drainMs: 600_000 });
    const peer = await connect(server);
    const id = await peer.reset();
    peer.request('step', { episode_id: id, action: 'block' });
    await peer.call('list_tasks', {});
    server.kill('SIGTERM');
    await peer.take('draining');
    server.kill('SIGTERM');
    expect(await server.exited).toEqual({ code: 1, signal: null });
  });

  it('refuses to start where everybody could reach it, and says what to do [B1]', async () => {
    await using server = EchoProcess.spawn({ env: { GYMSMITH_HOST: '0.0.0.0' } });
    expect((await server.exited).code).toBe(1);
    expect(server.stderr).toContain('GYMSMITH_TOKEN');
  });
});

describe('a server that was killed', () => {
  it('is taken up by the next one on its address, which lets nobody in before', async () => {
    const stateDir = await mkdtemp(path.join(tmpdir(), 'gymsmith-state-'));
    const kept = new Map<string, Env>();
    let isRestored = false;
    const catalogue = Object.assign(new EchoCatalogue(), {
      restore: async (id: string) => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        isRestored = true;
        return kept.get(id) ?? null;
      },
    });
    const create = catalogue.create.bind(catalogue);
    catalogue.create = (id, params) => {
      const env = create(id, params);
      kept.set(id, env);
      return env;
    };
    const config = {
      host: '127.0.0.1',
      origins: [],
      token: undefined,
      allowUnauthenticated: false,
      maxSessions: 9,
      maxEpisodes: 9,
      stateDir,
    };
    // The earlier process: it holds the address only for as long as it lives.
    const probe = await startServer({ config: { ...config, port: 0 }, catalogue, log: silent });
    const { port } = probe;
    await probe.stop();
    const sessions = new FileSessionStore(path.join(stateDir, 'sessions', `127.0.0.1-${port}`));
    const before = await Harness.start('memory', { catalogue, store: sessions });
    const first = await before.native();
    await first.reset('mine');
    await first.step('mine', 'one');

    const server = await startServer({ config: { ...config, port }, catalogue, log: silent });
    const second = new NativePeer(await dial(`${server.url}/v1/ws`), jsonCodec);
    expect(isRestored).toBe(true);
    expect(await second.hello(first.token)).toMatchObject({ resumed: true, episodes: ['mine'] });
    expect((await second.step('mine', 'two')).observation.step).toBe(2);
    await expect(startServer({ config: { ...config, port }, catalogue, log: silent })).rejects.toThrow('in use');
    expect((await second.step('mine', 'three')).observation.step).toBe(3);
    second.drop();
    await server.stop();
    await rm(stateDir, { recursive: true });
  });
});
