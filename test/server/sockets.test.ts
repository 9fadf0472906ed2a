import { once } from 'node:events';
import net from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { jsonCodec } from '../../src/protocol/index.js';
import type { ServerLimits } from '../../src/server/limits.js';
import { listen } from '../../src/server/listen.js';
import { FlakyProxy } from '../../src/testing/flaky-proxy.js';
import { dial, eventually, Harness } from './harness.js';
import { NativePeer } from './native-peer.js';
import { OpenEnvPeer } from './openenv-peer.js';

describe('sockets', () => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const start = async (limits: Partial<ServerLimits> = {}) => {
    harness = await Harness.start('socket', { limits });
    return harness.listening!;
  };

  it('lose no message that comes right behind the handshake', async () => {
    const { port } = await start();
    const socket = net.connect(port, '127.0.0.1');
    const payload = Buffer.from('{"type":"hello","versions":[1]}');
    const frame = Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
    const request = 'GET /v1/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';
    socket.write(Buffer.concat([Buffer.from(request + key), frame]));
    let received = '';
    socket.on('data', (data) => {
      received += data.toString('latin1');
    });
    await eventually(() => received.includes('"welcome"'));
    socket.destroy();
  });

  it('speak the encoding that client and server both know, JSON when none was asked for', async () => {
    const { url } = await start();
    for (const [offered, chosen] of [
      [['gymsmith.v1.json', 'gymsmith.v1.msgpack'], 'gymsmith.v1.msgpack'],
      [['other', 'gymsmith.v1.json'], 'gymsmith.v1.json'],
      [[], ''],
    ] as const) {
      const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, [...offered]);
      await once(socket, 'open');
      expect(socket.protocol).toBe(chosen);
      socket.terminate();
    }
  });

  it('are not compressed, though the client offers it', async () => {
    const { url } = await start();
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`, { perMessageDeflate: true });
    await once(socket, 'open');
    expect(socket.extensions).toBe('');
    socket.terminate();
  });

  it('answer a plain request with the advice to upgrade', async () => {
    const { url } = await start();
    for (const path of ['/ws', '/v1/ws', '/env/bench/echo/ws']) expect((await fetch(url + path)).status).toBe(426);
  });

  it('are refused beyond a number', async () => {
    const { url } = await start({ maxConnections: 1 });
    const channel = await dial(`${url}/v1/ws`);
    await expect(dial(`${url}/ws`)).rejects.toThrow('503');
    channel.close();
    await eventually(() => harness.app.context.connections.size === 0);
    (await dial(`${url}/ws`)).close();
  });

  it('survive frames that break the protocol of WebSockets [B1]', async () => {
    const { url, port } = await start({ maxFrameBytes: 1000 });
    const tooLarge = await dial(`${url}/ws`);
    const closed = new Promise<number>((resolve) => {
      tooLarge.onClose = resolve;
    });
    tooLarge.send('x'.repeat(10_000));
    expect(await closed).toBe(1009);
    const raw = net.connect(port, '127.0.0.1');
    raw.write(
      'GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\r\n',
    );
    await once(raw.resume(), 'close');
    expect(await (await harness.openEnv()).reset()).toMatchObject({ type: 'observation' });
  });

  it('whose peer is gone without a word are found, and the episode ends [B4]', async () => {
    const { port } = await start({ heartbeatMs: 20, silenceMs: 60 });
    const proxy = await FlakyProxy.listen({ port });
    const peer = new OpenEnvPeer(await dial(`http://127.0.0.1:${proxy.port}/ws`));
    await peer.reset();
    proxy.stall();
    await eventually(() => harness.catalogue.journal.open === 0);
    expect(harness.app.context.sessions.size).toBe(0);
    await proxy.close();
  });

  it('that answer pings are kept though they say nothing', async () => {
    await start({ heartbeatMs: 10, silenceMs: 50 });
    const peer = await harness.openEnv();
    await peer.reset();
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await peer.step({ command: 'x' })).toMatchObject({ type: 'observation' });
  });

  it('that break in the middle of a step are taken up, and the step runs once [B4]', async () => {
    const { port } = await start();
    const proxy = await FlakyProxy.listen({ port });
    const url = `http://127.0.0.1:${proxy.port}/v1/ws`;
    const first = new NativePeer(await dial(url), jsonCodec);
    await first.hello();
    const id = await first.reset();
    const params = { episode_id: id, action: 'sleep 0.1' };
    first.request('step', params, 'step');
    await eventually(() => harness.catalogue.journal.actions.length === 1);
    proxy.cut();
    await first.closed;
    const second = new NativePeer(await dial(url), jsonCodec);
    await second.hello(first.token);
    second.request('step', params, 'step');
    expect(await second.answer('step')).toMatchObject({ result: { observation: { text: 'awake' } } });
    expect(harness.catalogue.journal.actions).toHaveLength(1);
    second.drop();
    await proxy.close();
  });

  it('that do not read are let go, and what they hold stays bounded [B4]', async () => {
    const { url } = await start({ slowConsumerBytes: 200_000, slowConsumerMs: 50 });
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`);
    await once(socket, 'open');
    socket.send('{"type":"hello","versions":[1]}');
    socket.send('{"type":"request","id":"r","method":"reset","params":{"task":"bench/echo-v1","episode_id":"e"}}');
    await once(socket, 'message');
    socket.pause();
    for (let count = 0; count < 40; count += 1) {
      const params = { episode_id: 'e', action: `emit ${1_000_000 + count}` };
      socket.send(JSON.stringify({ type: 'request', id: `s${count}`, method: 'step', params }));
      await eventually(
        () => harness.catalogue.journal.actions.length > count || harness.app.context.connections.size === 0,
      );
    }
    await eventually(() => harness.app.context.connections.size === 0);
    const [session] = [...harness.app.context.sessions];
    expect(session!.replies.sizeBytes).toBeLessThanOrEqual(harness.app.context.limits.maxKeptReplyBytes);
    socket.terminate();
  });

  it('tell clearly that a port is taken [B1]', async () => {
    const { port } = await start();
    await expect(listen(harness.app, '127.0.0.1', port)).rejects.toThrow(`Port ${port} of 127.0.0.1 is in use`);
    await expect(listen(harness.app, '203.0.113.1', 0)).rejects.toThrow('no address 203.0.113.1');
  });
});
