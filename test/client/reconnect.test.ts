import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConnectionState, EnvClient, type EnvClientOptions, type Episode } from '../../src/client/index.js';
import { listen } from '../../src/server/listen.js';
import { FlakyProxy } from '../../src/testing/flaky-proxy.js';
import { LocalServer } from './local-server.js';
import { SocketServer } from './socket-server.js';

let server: SocketServer;
let proxy: FlakyProxy;
let client: EnvClient;

async function connect(options: EnvClientOptions = {}): Promise<Episode> {
  const reconnect = { baseDelayMs: 5, maxDelayMs: 20 };
  client = await EnvClient.connect(`ws://127.0.0.1:${proxy.port}`, { reconnect, ...options });
  return client.reset('toy/echo-v1');
}

beforeEach(async () => {
  server = await SocketServer.listen();
  proxy = await FlakyProxy.listen({ port: server.port });
});

afterEach(async () => {
  await client?.close();
  await proxy.close();
  await server[Symbol.asyncDispose]();
});

describe.each(['json', 'msgpack'] as const)('a client whose network fails, over %s', (encoding) => {
  it('gets the result of a step in whose middle the connection was cut; it ran once [B4]', async () => {
    const episode = await connect({ encoding });
    const stepping = episode.step('gate');
    await expect.poll(() => server.local.gym.executed).toEqual(['gate']);
    proxy.cut();
    await expect.poll(() => proxy.accepted).toBe(2);
    server.local.gym.open();
    expect((await stepping).observation.text).toBe('the gate opened');
    expect((await episode.step('echo next')).observation.step).toBe(2);
    expect(server.local.gym.executed).toEqual(['gate', 'echo next']);
  });

  it('gets a reply that was cut in its middle; its step ran once [B4]', async () => {
    const episode = await connect({ encoding });
    proxy.cutAfterReplyBytes(50_000);
    const { observation } = await episode.step('big 200000');
    expect(observation.text).toHaveLength(200_000);
    expect(server.local.gym.executed).toEqual(['big 200000']);
    expect(proxy.accepted).toBe(2);
  });

  it('gets a step that ended while there was no connection [B4]', async () => {
    const episode = await connect({ encoding });
    const stepping = episode.step('gate');
    await expect.poll(() => server.local.gym.executed).toEqual(['gate']);
    proxy.refuse(true);
    proxy.cut();
    server.local.gym.open();
    await expect.poll(() => server.connections).toBe(0);
    proxy.refuse(false);
    expect((await stepping).observation.text).toBe('the gate opened');
    expect(server.local.gym.executed).toEqual(['gate']);
  });
});

it('goes on when the server drops the connection [B4]', async () => {
  const states: ConnectionState[] = [];
  const episode = await connect({ onState: (state) => states.push(state) });
  for (let i = 0; i < 5; i++) {
    server.drop();
    expect((await episode.step(`echo ${i}`)).observation.text).toBe(`${i}`);
  }
  expect(server.local.gym.executed).toHaveLength(5);
  expect(new Set(states)).toEqual(new Set(['open', 'reconnecting']));
});

it('leaves a connection that is open and dead, and takes up the session on another [B4]', async () => {
  const episode = await connect({ heartbeatMs: 50 });
  proxy.stall();
  const stepping = episode.step('echo through');
  await expect.poll(() => proxy.accepted, { timeout: 20_000 }).toBeGreaterThan(1);
  proxy.resume();
  expect((await stepping).observation.text).toBe('through');
  expect(server.local.gym.executed).toEqual(['echo through']);
});

it.each(['client', 'server'] as const)('goes on when the stream towards the %s ends [B4]', async (side) => {
  const episode = await connect({ heartbeatMs: 200 });
  proxy.halfClose(side);
  expect((await episode.step('echo on')).observation.text).toBe('on');
  expect(server.local.gym.executed).toEqual(['echo on']);
});

it('streams over a slow network in order and without a gap [B4]', async () => {
  const episode = await connect();
  proxy.throttle(2_000_000);
  let next = 0;
  let gaps = 0;
  const onOutput = (chunk: Uint8Array, offset: number) => {
    if (offset !== next) gaps++;
    next = offset + chunk.length;
  };
  await episode.step('stream 400000', { onOutput });
  expect([next, gaps]).toEqual([400_000, 0]);
});

it('says that the session is lost when the server forgot it [B4]', async () => {
  await client?.close();
  await proxy.close();
  await server[Symbol.asyncDispose]();
  server = await SocketServer.listen({ limits: { sessionGraceMs: 1 } });
  proxy = await FlakyProxy.listen({ port: server.port });
  const episode = await connect({ reconnect: { baseDelayMs: 5, maxDelayMs: 20, giveUpMs: 20_000 } });
  proxy.refuse(true);
  proxy.cut();
  const stepping = episode.step('echo');
  await expect.poll(() => server.local.app.context.sessions.size).toBe(0);
  proxy.refuse(false);
  await expect(stepping).rejects.toMatchObject({ code: 'session_lost' });
  const another = await client.reset('toy/echo-v1');
  expect((await another.step('echo new')).observation.text).toBe('new');
});

it('ends with connection_lost when the server stays away [B4]', async () => {
  const episode = await connect({ reconnect: { baseDelayMs: 1, maxDelayMs: 5, giveUpMs: 50 } });
  proxy.refuse(true);
  proxy.cut();
  await expect(episode.step('echo')).rejects.toMatchObject({ code: 'connection_lost' });
  await expect(client.listTasks()).rejects.toMatchObject({ code: 'connection_lost' });
});

it('says where it could not connect, and why [B1]', async () => {
  proxy.refuse(true);
  const url = `ws://127.0.0.1:${proxy.port}`;
  await expect(EnvClient.connect(url)).rejects.toMatchObject({
    code: 'connection_failed',
    message: expect.stringContaining(url),
  });
  await expect(EnvClient.connect('ftp://x')).rejects.toThrow('it must look like ws://host:port');
  proxy.refuse(false);
  await expect(EnvClient.connect('nonsense')).rejects.toBeInstanceOf(TypeError);
  await expect(EnvClient.connect(`${url}/elsewhere`)).rejects.toThrow('HTTP status 404');
  proxy.stall();
  await expect(EnvClient.connect(url, { connectTimeoutMs: 50 })).rejects.toMatchObject({ code: 'connection_failed' });
  await expect(EnvClient.connect(url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: 'aborted' });
  proxy.resume();
});

it('carries frames of 8 MiB in both directions [B1]', async () => {
  const episode = await connect();
  const text = 'é'.repeat(3 * 2 ** 20);
  expect((await episode.step(`echo ${text}`)).observation.text).toHaveLength(text.length);
  expect((await episode.step(`big ${8 * 2 ** 20}`)).observation.text).toHaveLength(8 * 2 ** 20);
});

describe('a server with a token', () => {
  const token = 'correct-horse-battery';

  it('is entered with the token and with no other, and the refusal has its code [B1]', async () => {
    await using guarded = await SocketServer.listen({ token });
    await using entered = await EnvClient.connect(guarded.url, { token });
    expect(await entered.listTasks()).toHaveLength(2);
    await expect(EnvClient.connect(guarded.url)).rejects.toMatchObject({ name: 'RpcError', code: 'unauthorized' });
    await expect(EnvClient.connect(guarded.url, { token: 'wrong' })).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('ends the attempts of a client whose token is refused when it comes back [B1]', async () => {
    const guarded = await SocketServer.listen({ token });
    const relay = await FlakyProxy.listen({ port: guarded.port });
    await using entered = await EnvClient.connect(`ws://127.0.0.1:${relay.port}`, {
      token,
      reconnect: { baseDelayMs: 50, maxDelayMs: 100 },
    });
    const { port } = guarded;
    await guarded[Symbol.asyncDispose]();
    const replaced = new LocalServer({ token: 'another-token-by-now' });
    const listening = await listen(replaced.app, '127.0.0.1', port);
    await expect(entered.listTasks()).rejects.toMatchObject({ code: 'unauthorized' });
    await replaced.stop();
    await listening.close();
    await relay.close();
  });
});
