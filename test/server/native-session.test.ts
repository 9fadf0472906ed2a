import { afterEach, describe, expect, it } from 'vitest';
import { type Channel, jsonCodec } from '../../src/protocol/index.js';
import type { AppOptions } from '../../src/server/app.js';
import { eventually, Harness, MATRIX } from './harness.js';

describe.each(MATRIX)('native sessions over $transport in $encoding', ({ transport, encoding }) => {
  let harness: Harness;
  afterEach(() => harness.stop());
  const start = async (options: Partial<AppOptions> = {}) => {
    harness = await Harness.start(transport, options);
  };

  it('tells its version, a secret token and its limits at welcome', async () => {
    await start();
    const [one, two] = [await harness.connect(encoding), await harness.connect(encoding)];
    const welcome = await one.hello();
    expect(welcome).toMatchObject({ version: 1, resumed: false, episodes: [], limits: { max_frame_bytes: 2 ** 24 } });
    expect(Buffer.from(welcome.session_token, 'base64url')).toHaveLength(32);
    expect((await two.hello()).session_token).not.toBe(welcome.session_token);
  });

  it('refuses a client that speaks no common version, and tells which it speaks', async () => {
    await start();
    const peer = await harness.connect(encoding);
    peer.send({ type: 'hello', versions: [7, 8] });
    expect((await peer.take('error')).error).toMatchObject({ code: 'version_unsupported', data: { versions: [1] } });
    expect((await peer.closed).code).toBe(1002);
  });

  it('takes nothing before hello, and hello once', async () => {
    await start();
    const early = await harness.connect(encoding);
    early.request('list_tasks', {});
    expect((await early.take('error')).error.code).toBe('invalid_message');
    expect((await early.closed).code).toBe(1002);
    const peer = await harness.native(encoding);
    peer.send({ type: 'hello', versions: [1] });
    expect((await peer.take('error')).error.code).toBe('invalid_message');
    await peer.call('list_tasks', {});
  });

  it('lets go of a client that never says hello', async () => {
    await start({ limits: { helloTimeoutMs: 20 } });
    const peer = await harness.connect(encoding);
    expect((await peer.closed).code).toBe(1002);
  });

  it('keeps a session whose connection broke, with its episodes and what runs', async () => {
    await start();
    const first = await harness.native(encoding);
    const id = await first.reset();
    first.request('step', { episode_id: id, action: 'block' }, 'step');
    await eventually(() => harness.catalogue.journal.actions.length === 1);
    first.drop();
    await first.closed;

    const second = await harness.connect(encoding);
    expect(await second.hello(first.token)).toMatchObject({
      resumed: true,
      session_token: first.token,
      episodes: [id],
    });
    second.request('step', { episode_id: id, action: 'block' }, 'step');
    await second.call('interrupt', { episode_id: id });
    expect(await second.answer('step')).toMatchObject({ result: { observation: { text: 'interrupted' } } });
    expect(harness.catalogue.journal.actions).toHaveLength(1);
  });

  it('sends replies again that were not acknowledged, and no others', async () => {
    await start();
    const first = await harness.native(encoding);
    const id = await first.reset('episode', 'reset');
    await first.call('step', { episode_id: id, action: 'one' }, 'one');
    await first.call('step', { episode_id: id, action: 'two' }, 'two');
    first.send({ type: 'ack', ids: ['reset', 'one'] });
    await first.call('list_tasks', {}, 'last');
    first.drop();
    const second = await harness.native(encoding, first.token);
    expect(await second.answer('two')).toMatchObject({ result: { observation: { text: 'two' } } });
    await second.answer('last');
    await second.call('list_tasks', {}, 'probe');
    const redelivered = second.inbox.all.flatMap((message) => (message.type === 'reply' ? [message.id] : []));
    expect(redelivered).toEqual(['two', 'last', 'probe']);
  });

  it('delivers a reply that came while nobody was connected', async () => {
    await start();
    const first = await harness.native(encoding);
    const id = await first.reset();
    first.request('step', { episode_id: id, action: 'sleep 0.05' }, 'slow');
    await eventually(() => harness.catalogue.journal.actions.length === 1);
    first.drop();
    const [session] = [...harness.app.context.sessions];
    await session!.idle();
    const second = await harness.native(encoding, first.token);
    expect(await second.answer('slow')).toMatchObject({ result: { observation: { text: 'awake' } } });
  });

  it('gives a session to the later of two connections', async () => {
    await start();
    const first = await harness.native(encoding);
    const id = await first.reset();
    const second = await harness.native(encoding, first.token);
    expect((await first.closed).code).toBe(1008);
    expect((await second.step(id, 'still here')).observation.text).toBe('still here');
    expect(harness.app.context.sessions.size).toBe(1);
  });

  it('goes on streaming to the connection that took up the session', async () => {
    await start();
    const first = await harness.native(encoding);
    const id = await first.reset();
    first.drop();
    const second = await harness.native(encoding, first.token);
    await second.call('step', { episode_id: id, action: 'emit 5000', stream: true }, 'new');
    expect(second.inbox.all.some(({ type }) => type === 'output')).toBe(true);
  });

  it('opens a new session for a token that it does not know', async () => {
    await start();
    const peer = await harness.connect(encoding);
    const welcome = await peer.hello('x'.repeat(43));
    expect(welcome.resumed).toBe(false);
    expect(welcome.session_token).not.toBe('x'.repeat(43));
  });

  it('ends a session at once whose client closed with 1000', async () => {
    await start();
    const peer = await harness.native(encoding);
    await peer.reset();
    peer.leave();
    await eventually(() => harness.catalogue.journal.open === 0 && harness.app.context.sessions.size === 0);
  });

  it('ends a session and its episodes when nobody comes back in time', async () => {
    await start({ limits: { sessionGraceMs: 20 } });
    const peer = await harness.native(encoding);
    const id = await peer.reset();
    peer.request('step', { episode_id: id, action: 'block' });
    await peer.reset();
    peer.drop();
    await eventually(() => harness.catalogue.journal.open === 0);
    expect(harness.app.context.sessions.size).toBe(0);
    expect(harness.app.context.sessions.episodeCapacity.used).toBe(0);
  });

  it('refuses sessions beyond its capacity as retryable', async () => {
    await start({ limits: { maxSessions: 1 } });
    const first = await harness.native(encoding);
    const second = await harness.connect(encoding);
    second.send({ type: 'hello', versions: [1] });
    expect((await second.take('error')).error).toMatchObject({ code: 'capacity_reached', retryable: true });
    expect((await second.closed).code).toBe(1013);
    await first.reset();
  });

  it('answers malformed messages and goes on [B1]', async () => {
    await start();
    const peer = await harness.native(encoding);
    const wrong = [
      null,
      5,
      'text',
      [],
      {},
      { type: 'dance' },
      { type: 'request', id: '', method: 'state', params: {} },
    ];
    for (const message of wrong) {
      peer.channel.send(peer.codec.encode(message));
      expect(await peer.take('error')).toMatchObject({ id: null, error: { code: 'invalid_message' } });
    }
    peer.channel.send(peer.codec.encode({ type: 'request', id: 'x', method: 5 }));
    expect((await peer.take('error')).id).toBe('x');
    await peer.call('list_tasks', {});
  });

  it('answers frames of no encoding and goes on, until there are too many [B1]', async () => {
    await start({ limits: { maxFaults: 3 } });
    const peer = await harness.native(encoding);
    for (let count = 0; count < 3; count += 1) {
      peer.channel.send(encoding === 'json' ? '{"type":' : new Uint8Array([0x92, 1]));
      expect((await peer.take('error')).error.code).toBe('invalid_frame');
    }
    await peer.call('list_tasks', {});
    peer.channel.send(encoding === 'json' ? '}' : new Uint8Array([0x92, 1]));
    expect((await peer.closed).code).toBe(1008);
  });

  it('names the limit to a client that sends too large a frame [B1]', async () => {
    await start({ limits: { maxFrameBytes: 1000 } });
    const peer = await harness.native(encoding);
    peer.request('step', { episode_id: 'x', action: 'y'.repeat(1500) });
    const { error } = await peer.take('error');
    expect(error.code).toBe('frame_too_large');
    expect(error.message).toContain('1000');
    expect((await peer.closed).code).toBe(1009);
  });

  it('lets running steps end when it drains, and takes no new episode', async () => {
    await start();
    const peer = await harness.native(encoding);
    const id = await peer.reset();
    const step = peer.request('step', { episode_id: id, action: 'sleep 0.05' });
    await eventually(() => harness.catalogue.journal.actions.length === 1);
    const drained = harness.app.drain(5_000);
    expect(await peer.take('draining')).toMatchObject({ deadline_ms: 5_000 });
    expect(await peer.errorOf('reset', { task: 'bench/echo-v1' })).toBe('draining');
    expect(await peer.answer(step)).toMatchObject({ result: { observation: { text: 'awake' } } });
    await drained;
    expect((await peer.closed).code).toBe(1012);
    expect(harness.catalogue.journal.open).toBe(0);
  });

  it('waits for nothing longer than the drain limit', async () => {
    await start();
    const peer = await harness.native(encoding);
    const id = await peer.reset();
    peer.request('step', { episode_id: id, action: 'block' });
    await eventually(() => harness.catalogue.journal.actions.length === 1);
    await harness.app.drain(10);
    expect(harness.catalogue.journal.open).toBe(0);
    expect(harness.app.context.sessions.size).toBe(0);
  });
});

describe('slow consumers', () => {
  const limits = { slowConsumerBytes: 10_000, slowConsumerMs: 10 };

  it('lets go of a connection that does not read, and keeps its session [B4]', async () => {
    const harness = await Harness.start('memory', { limits });
    const stuck = new StuckChannel();
    harness.app.acceptNative(stuck, jsonCodec);
    stuck.receive({ type: 'hello', versions: [1] });
    const { session_token } = stuck.sent[0] as { session_token: string };
    stuck.bufferedBytes = 20_000;
    stuck.receive({ type: 'ping' });
    await eventually(() => stuck.closedWith !== null);
    expect(stuck.closedWith).toBe(1013);
    expect(stuck.sent.at(-1)).toMatchObject({ type: 'error', error: { code: 'slow_consumer' } });
    expect((await (await harness.connect()).hello(session_token)).resumed).toBe(true);
    await harness.stop();
  });

  it('gives a connection that reads again its time', async () => {
    const harness = await Harness.start('memory', { limits: { ...limits, slowConsumerMs: 30 } });
    const stuck = new StuckChannel();
    harness.app.acceptNative(stuck, jsonCodec);
    stuck.receive({ type: 'hello', versions: [1] });
    stuck.bufferedBytes = 20_000;
    stuck.receive({ type: 'ping' });
    stuck.bufferedBytes = 0;
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(stuck.closedWith).toBeNull();
    await harness.stop();
  });

  it('streams nothing into a connection that holds unsent bytes', async () => {
    const harness = await Harness.start('memory', { limits: { streamWindowBytes: 1000 } });
    const stuck = new StuckChannel();
    harness.app.acceptNative(stuck, jsonCodec);
    stuck.receive({ type: 'hello', versions: [1] });
    stuck.receive({ type: 'request', id: 'r', method: 'reset', params: { task: 'bench/echo-v1', episode_id: 'e' } });
    await eventually(() => stuck.sent.length === 2);
    stuck.bufferedBytes = 2000;
    const params = { episode_id: 'e', action: 'emit 500000', stream: true };
    stuck.receive({ type: 'request', id: 's', method: 'step', params });
    await eventually(() => stuck.sent.length === 3);
    expect(stuck.sent[2]).toMatchObject({ type: 'reply', id: 's' });
    await harness.stop();
  });
});

describe('encodings', () => {
  it('lets a session be taken up in another encoding', async () => {
    const harness = await Harness.start('memory');
    const first = await harness.native('json');
    const id = await first.reset();
    await first.call('step', { episode_id: id, action: 'one' }, 'one');
    first.drop();
    const second = await harness.native('msgpack', first.token);
    expect(await second.answer('one')).toMatchObject({ result: { observation: { text: 'one' } } });
    second.request('step', { episode_id: id, action: 'one' }, 'one');
    await second.answer('one');
    expect(harness.catalogue.journal.actions).toHaveLength(1);
    await harness.stop();
  });

  it('refuses a text frame on a msgpack connection', async () => {
    const harness = await Harness.start('memory');
    const peer = await harness.native('msgpack');
    peer.channel.send('{"type":"ping"}');
    expect((await peer.take('error')).error.code).toBe('invalid_frame');
    await harness.stop();
  });
});

/** A channel whose other side never reads. */
class StuckChannel implements Channel {
  onMessage: ((frame: string | Uint8Array) => void) | null = null;
  onClose: ((code: number, reason: string) => void) | null = null;
  bufferedBytes = 0;
  closedWith: number | null = null;
  readonly sent: unknown[] = [];

  send(frame: string | Uint8Array): void {
    this.sent.push(JSON.parse(String(frame)));
  }

  close(code = 1000): void {
    this.closedWith ??= code;
  }

  receive(message: unknown): void {
    this.onMessage?.(JSON.stringify(message));
  }
}
