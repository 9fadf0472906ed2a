import { afterEach, beforeEach, expect, it } from 'vitest';
import { Connection, type ConnectionOptions, type ConnectionState } from '../../src/client/connection.js';
import { EnvClient } from '../../src/client/index.js';
import { ScriptedPeer } from './scripted-peer.js';

const QUICK = { baseDelayMs: 1, maxDelayMs: 2 };
const TASKS = { tasks: [] };
let peer: ScriptedPeer;
let connection: Connection;

async function connect(options: ConnectionOptions = {}): Promise<Connection> {
  connection = await Connection.open(peer.dial, { reconnect: QUICK, ...options });
  return connection;
}

function step(onOutput?: (chunk: Uint8Array, offset: number) => void | Promise<void>): Promise<unknown> {
  const stepping = connection.request('step', { episode_id: 'e', action: 'ls' }, { onOutput });
  stepping.catch(() => undefined);
  return stepping;
}

beforeEach(() => {
  peer = new ScriptedPeer();
});

afterEach(() => connection?.close());

it('says hello with its versions and its name', async () => {
  await connect({ client: 'trainer/3' });
  expect(peer.hellos).toEqual([{ type: 'hello', versions: [1], client: 'trainer/3' }]);
  expect(connection.sessionToken).toBe('token-1');
  expect(connection.limits.max_episodes).toBe(8);
});

it('gives each reply to its request, in whatever order they come', async () => {
  await connect();
  const first = connection.request('list_tasks', {});
  const second = connection.request('list_episodes', {});
  const { id } = await peer.next('request', 2);
  peer.send({ type: 'reply', id, result: { episodes: [] } });
  expect(await second).toEqual({ episodes: [] });
  peer.send({ type: 'reply', id: peer.of('request')[0]!.id, result: TASKS });
  expect(await first).toEqual(TASKS);
});

it('acknowledges replies, also those that it did not wait for', async () => {
  await connect();
  const request = connection.request('list_tasks', {});
  const { id } = await peer.next('request');
  peer.send({ type: 'reply', id, result: TASKS });
  peer.send({ type: 'reply', id: 'of an earlier life', result: TASKS });
  await request;
  expect(await peer.next('ack')).toEqual({ type: 'ack', ids: [id, 'of an earlier life'] });
});

it('sends a cancel when the signal fires, and rejects with its reason', async () => {
  await connect();
  const controller = new AbortController();
  const request = connection.request('list_tasks', {}, { signal: controller.signal });
  const { id } = await peer.next('request');
  controller.abort('enough');
  await expect(request).rejects.toMatchObject({ name: 'ClientError', code: 'aborted', cause: 'enough' });
  expect(await peer.next('cancel')).toEqual({ type: 'cancel', id });
});

it('closes the episode of a reset that was quicker than its cancel [B4]', async () => {
  const client = await EnvClient.over(peer.dial);
  connection = client.connection;
  const controller = new AbortController();
  const resetting = client.reset('toy/echo-v1', { signal: controller.signal });
  const { id, params } = await peer.next('request');
  controller.abort();
  await expect(resetting).rejects.toMatchObject({ code: 'aborted' });
  const { episode_id } = params as { episode_id: string };
  peer.send({ type: 'reply', id, result: { episode_id, observation: observation(), info: info(episode_id) } });
  expect(await peer.next('request', 2)).toMatchObject({ method: 'close', params: { episode_id } });
});

it('sends unanswered requests again under their ids after a break, and the cancelled with their cancel [B4]', async () => {
  await connect();
  const controller = new AbortController();
  const request = connection.request('list_tasks', {});
  const aborted = connection.request('list_episodes', {}, { signal: controller.signal });
  await peer.next('request', 2);
  peer.welcome = { resumed: true };
  peer.channel.close(1006);
  controller.abort();
  await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
  const again = await peer.next('request', 4);
  expect(peer.hellos[1]).toMatchObject({ session_token: 'token-1' });
  expect(peer.of('request').slice(2)).toEqual(peer.of('request').slice(0, 2));
  expect((await peer.next('cancel')).id).toBe(again.id);
  peer.send({ type: 'reply', id: peer.of('request')[0]!.id, result: TASKS });
  expect(await request).toEqual(TASKS);
});

it('sends requests that were made without a link once there is one', async () => {
  await connect();
  peer.welcome = { resumed: true };
  peer.channel.close(1006);
  await Promise.resolve();
  const request = connection.request('list_tasks', {});
  const { id } = await peer.next('request');
  peer.send({ type: 'reply', id, result: TASKS });
  expect(await request).toEqual(TASKS);
});

it('rejects requests of lost episodes when the session is gone, and asks the others again [B4]', async () => {
  await connect();
  const lost = step();
  const request = connection.request('list_tasks', {});
  await peer.next('request', 2);
  peer.welcome = { resumed: false, session_token: 'token-2' };
  peer.channel.close(1006);
  await expect(lost).rejects.toMatchObject({ code: 'session_lost' });
  const again = await peer.next('request', 3);
  expect(again).toMatchObject({ method: 'list_tasks' });
  peer.send({ type: 'reply', id: again.id, result: TASKS });
  expect(await request).toEqual(TASKS);
  expect(connection.sessionToken).toBe('token-2');
});

it('gives up after its time, with what went wrong last [B4]', async () => {
  const states: ConnectionState[] = [];
  await connect({
    reconnect: { ...QUICK, giveUpMs: 30 },
    onState: (state) => states.push(state),
    connectTimeoutMs: 10,
  });
  const lost = step();
  peer.welcome = null;
  peer.channel.close(1006);
  await expect(lost).rejects.toMatchObject({ code: 'connection_lost', message: expect.stringContaining('30 ms') });
  expect(connection.isClosed).toBe(true);
  expect(states).toEqual(['open', 'reconnecting', 'closed']);
  await expect(step()).rejects.toMatchObject({ code: 'connection_lost' });
});

it.each([1002, 1008, 1009])('does not dial again after close code %i: it would happen again [B1]', async (code) => {
  await connect();
  const lost = step();
  await peer.next('request');
  peer.send({ type: 'error', id: null, error: { code: 'invalid_message', message: 'no', retryable: false } });
  peer.channel.close(code);
  await expect(lost).rejects.toMatchObject({ code: 'invalid_message' });
  expect(peer.hellos).toHaveLength(1);
});

it('does not dial again when it was told not to', async () => {
  await connect({ reconnect: false });
  const lost = step();
  peer.channel.close(1006);
  await expect(lost).rejects.toMatchObject({ code: 'connection_lost' });
  expect(peer.hellos).toHaveLength(1);
});

it('drops a link whose server is silent, and takes up the session on another [B4]', async () => {
  await connect({ heartbeatMs: 20 });
  peer.welcome = { resumed: true };
  const request = connection.request('list_tasks', {});
  await peer.next('ping');
  const { id } = await peer.next('request', 2);
  expect(peer.hellos).toHaveLength(2);
  peer.send({ type: 'reply', id, result: TASKS });
  await request;
});

it('gives credit for what was consumed, and none for what waits in a handler', async () => {
  await connect();
  let consume!: () => void;
  const consumed = new Promise<void>((resolve) => {
    consume = resolve;
  });
  const stepping = step(() => consumed);
  const { id } = await peer.next('request');
  peer.send({ type: 'output', id, episode_id: 'e', offset: 0, data: 'x'.repeat(400) });
  peer.send({ type: 'output', id, episode_id: 'e', offset: 400, data: 'x'.repeat(400) });
  await new Promise((resolve) => setImmediate(resolve));
  expect(peer.of('credit')).toEqual([]);
  consume();
  expect(await peer.next('credit', 2)).toEqual({ type: 'credit', bytes: 400 });
  peer.send({ type: 'output', id: 'nobody waits', episode_id: 'e', offset: 0, data: 'x'.repeat(300) });
  expect(await peer.next('credit', 3)).toEqual({ type: 'credit', bytes: 300 });
  peer.send({ type: 'reply', id, result: null });
  await expect(stepping).rejects.toMatchObject({ code: 'protocol' });
});

it('gives each streamed byte once when a resumed session streams again [B4]', async () => {
  await connect();
  const seen: string[] = [];
  void step((chunk, offset) => void seen.push(`${offset}:${new TextDecoder().decode(chunk)}`));
  const { id } = await peer.next('request');
  peer.send({ type: 'output', id, episode_id: 'e', offset: 0, data: 'abc' });
  peer.send({ type: 'output', id, episode_id: 'e', offset: 0, data: 'abc' });
  peer.send({ type: 'output', id, episode_id: 'e', offset: 1, data: 'bcde' });
  peer.send({ type: 'output', id, episode_id: 'e', offset: 9, data: 'j' });
  await expect.poll(() => seen).toEqual(['0:abc', '3:de', '9:j']);
});

it('counts a replacement character as one byte of the command, so that nothing after it is taken for known', async () => {
  await connect();
  const seen: number[] = [];
  void step((_chunk, offset) => void seen.push(offset));
  const { id } = await peer.next('request');
  peer.send({ type: 'output', id, episode_id: 'e', offset: 0, data: '\ufffd\ufffd' });
  peer.send({ type: 'output', id, episode_id: 'e', offset: 2, data: 'next' });
  await expect.poll(() => seen).toEqual([0, 2]);
});

it('leaves a link that speaks no known message, with the reason as cause [B1]', async () => {
  const causes: unknown[] = [];
  await connect({ onState: (_state, cause) => causes.push(cause) });
  const lost = step();
  peer.send({ type: 'song' });
  await expect(lost).rejects.toMatchObject({ code: 'protocol' });
  expect(causes.at(-1)).toMatchObject({ code: 'protocol' });
});

it('says why it could not connect [B1]', async () => {
  peer.welcome = null;
  const silent = Connection.open(peer.dial, { connectTimeoutMs: 10 });
  await expect(silent).rejects.toMatchObject({ code: 'connection_failed' });
  const aborted = Connection.open(peer.dial, { signal: AbortSignal.abort('stop') });
  await expect(aborted).rejects.toMatchObject({ code: 'aborted', cause: 'stop' });
  const refusing = Connection.open(() => Promise.reject(new Error('ECONNREFUSED')));
  await expect(refusing).rejects.toMatchObject({
    code: 'connection_failed',
    message: expect.stringContaining('ECONNREFUSED'),
  });
  const opening = Connection.open(peer.dial);
  await expect.poll(() => peer.hellos.length).toBe(2);
  peer.send({ type: 'error', id: null, error: { code: 'capacity_reached', message: 'full', retryable: true } });
  await expect(opening).rejects.toMatchObject({ code: 'capacity_reached' });
});

function observation() {
  return {
    text: '',
    cwd: '/',
    open_file: null,
    step: 0,
    remaining_steps: 1,
    exit_code: null,
    running: false,
    omitted_bytes: 0,
    state: '{}',
  };
}

function info(episode_id: string) {
  const none = { metric: null, direction: null, baseline: null, baseline_scores: null, score: null };
  const nothing = { ...none, metrics: null, metrics_json: null, valid: null };
  const open = { exit_status: null, exit_reason: null, mlgym_exit_status: '', submission: null };
  return {
    episode_id,
    task: 't',
    task_hash: 'h',
    seed: null,
    ...nothing,
    ...open,
    scores: [],
    step_ms: 0,
    evaluation_ms: null,
  };
}
