import { describe, expect, it } from 'vitest';
import { jsonCodec } from '../../src/protocol/index.js';
import { EchoProcess } from './echo-process.js';
import { dial } from './harness.js';
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
