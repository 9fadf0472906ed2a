import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Channel, type Codec, channelPair, codecFor, jsonCodec, ServerMessage } from '../../src/protocol/index.js';
import { eventually, Harness } from './harness.js';
import { Dice, mutateBytes, mutateValue, randomBytes } from './mutate.js';

/** Frames in all, a quarter for each way in. */
const FRAMES = 200_000;
const FRAMES_PER_CONNECTION = 150;
const SEED = 20_260_101;

const JsonRpc = z.strictObject({
  jsonrpc: z.literal('2.0'),
  id: z.union([z.string(), z.number(), z.null()]),
  result: z.unknown().optional(),
  error: z.strictObject({ code: z.int(), message: z.string(), data: z.unknown() }).optional(),
});

const OpenEnvFrame = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('observation'),
    data: z.strictObject({
      observation: z.record(z.string(), z.unknown()),
      reward: z.number().nullable(),
      done: z.boolean(),
    }),
  }),
  z.strictObject({
    type: z.literal('state'),
    data: z.looseObject({ episode_id: z.string().nullable(), step_count: z.int() }),
  }),
  z.strictObject({ type: z.literal('mcp'), data: JsonRpc.nullable() }),
  z.strictObject({ type: z.literal('error'), data: z.looseObject({ message: z.string(), code: z.string() }) }),
]);

const NATIVE_MESSAGES: readonly object[] = [
  { type: 'hello', versions: [1], session_token: 'x', client: 'fuzz' },
  {
    type: 'request',
    id: 'a',
    method: 'reset',
    params: { task: 'bench/echo-v1', episode_id: 'e', seed: 3, options: { max_steps: 5 } },
  },
  {
    type: 'request',
    id: 'b',
    method: 'step',
    params: { episode_id: 'e', action: 'hello', stream: true, deadline_ms: 1 },
  },
  {
    type: 'request',
    id: 'c',
    method: 'step',
    params: { episode_id: 'e', action: { type: 'edit', start_line: 1, end_line: 2, text: 'x' } },
  },
  { type: 'request', id: 'd', method: 'step', params: { episode_id: 'e', action: 'block', deadline_ms: 1 } },
  { type: 'request', id: 'f', method: 'step', params: { episode_id: 'e', action: 'fail' } },
  { type: 'request', id: 'g', method: 'interrupt', params: { episode_id: 'e' } },
  { type: 'request', id: 'h', method: 'close', params: { episode_id: 'e' } },
  { type: 'request', id: 'i', method: 'list_episodes', params: {} },
  { type: 'request', id: 'j', method: 'describe_task', params: { task: 'bench/echo-v1' } },
  { type: 'cancel', id: 'b' },
  { type: 'ack', ids: ['a', 'b'] },
  { type: 'credit', bytes: 100 },
  { type: 'ping', nonce: { any: [1, null] } },
];

const RPC = { jsonrpc: '2.0', id: 1 };
const RPC_MESSAGES: readonly object[] = [
  { ...RPC, method: 'initialize', params: { protocolVersion: '2025-03-26' } },
  { ...RPC, method: 'tools/list', params: {} },
  { ...RPC, method: 'tools/call', params: { name: 'bash', arguments: { command: 'x' } } },
  { ...RPC, method: 'tools/call', params: { name: 'start_episode', arguments: { seed: 1 } } },
  { ...RPC, method: 'openenv/session/create' },
  { ...RPC, method: 'openenv/session/close', params: { session_id: 'x' } },
];

const OPENENV_MESSAGES: readonly object[] = [
  {
    type: 'reset',
    data: { seed: 1, episode_id: 'e', task: 'bench/echo-v1', step_deadline_s: 0.001, options: { max_steps: 5 } },
  },
  { type: 'reset', data: { episode_id: 'e', resume: true } },
  { type: 'step', data: { command: 'hello', timeout_s: 3, metadata: {} } },
  { type: 'step', data: { type: 'insert', line: 3, text: 'x', path: 'y' } },
  { type: 'step', data: { command: 'block' } },
  { type: 'step', data: { type: 'submit' } },
  { type: 'step', data: { type: 'call_tool', tool_name: 'open', arguments: { path: 'x' } } },
  { type: 'state' },
  { type: 'close' },
  ...RPC_MESSAGES.map((data) => ({ type: 'mcp', data })),
];

interface WayIn {
  name: string;
  codec: Codec;
  valid: readonly object[];
  /** Sent first on every connection. */
  greeting: readonly object[];
  accept(harness: Harness, end: Channel): void;
  check(frame: string | Uint8Array): void;
}

const native = (encoding: 'json' | 'msgpack'): WayIn => {
  const codec = codecFor(`gymsmith.v1.${encoding}`);
  return {
    name: `native ${encoding}`,
    codec,
    valid: NATIVE_MESSAGES,
    greeting: [{ type: 'hello', versions: [1] }],
    accept: (harness, end) => harness.app.acceptNative(end, codec),
    check: (frame) => ServerMessage.parse(codec.decode(frame)),
  };
};

const WAYS_IN: readonly WayIn[] = [
  native('json'),
  native('msgpack'),
  {
    name: 'OpenEnv',
    codec: jsonCodec,
    valid: OPENENV_MESSAGES,
    greeting: [{ type: 'reset' }],
    accept: (harness, end) => harness.app.acceptOpenEnv(end),
    check: (frame) => OpenEnvFrame.parse(JSON.parse(String(frame))),
  },
  {
    name: 'MCP',
    codec: jsonCodec,
    valid: RPC_MESSAGES,
    greeting: [],
    accept: (harness, end) => harness.app.acceptMcp(end),
    check: (frame) => JsonRpc.parse(JSON.parse(String(frame))),
  },
];

describe('random and mutated frames', () => {
  let harness: Harness;
  const crashes: unknown[] = [];
  const crashed = (error: unknown): void => void crashes.push(error);
  let heapBefore = 0;
  let handlesBefore = 0;

  beforeAll(async () => {
    process.on('unhandledRejection', crashed);
    harness = await Harness.start('memory', {
      limits: { softDeadlineMs: 2, softDeadlineSlackMs: 2, sessionGraceMs: 50, maxSessions: 100, maxEpisodes: 50 },
    });
    heapBefore = process.memoryUsage().heapUsed;
    handlesBefore = handles();
  });
  afterAll(() => {
    process.off('unhandledRejection', crashed);
  });

  it.each(WAYS_IN)('of $name: each answer is a valid frame [B1]', { timeout: 300_000 }, async (way) => {
    const dice = new Dice(SEED);
    let answers = 0;
    let faults = 0;
    for (let sent = 0; sent < FRAMES / WAYS_IN.length; ) {
      const [near, far] = channelPair();
      let isOpen = true;
      near.onClose = () => {
        isOpen = false;
      };
      near.onMessage = (frame) => {
        answers += 1;
        try {
          way.check(frame);
        } catch (error) {
          faults += 1;
          crashes.push(error, frame);
        }
      };
      way.accept(harness, far);
      for (const message of way.greeting) near.send(way.codec.encode(message));
      for (let count = 0; count < FRAMES_PER_CONNECTION && isOpen; count += 1) {
        near.send(frameOf(way, dice));
        sent += 1;
        if (count % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      near.close(dice.pick([1000, 1006, 4000]));
    }
    expect(crashes.slice(0, 4)).toEqual([]);
    expect(faults).toBe(0);
    expect(answers).toBeGreaterThan(FRAMES / WAYS_IN.length / 4);
  });

  it('leave no session, episode, connection, handle or memory behind [B4]', async () => {
    const { sessions, connections } = harness.app.context;
    await eventually(() => sessions.size === 0 && connections.size === 0);
    expect([harness.catalogue.journal.open, sessions.episodeCapacity.used]).toEqual([0, 0]);
    await harness.stop();
    expect(handles()).toBeLessThanOrEqual(handlesBefore);
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(300 * 2 ** 20);
    expect(crashes).toEqual([]);
  });
});

function frameOf({ codec, valid }: WayIn, dice: Dice): string | Uint8Array {
  const message = dice.pick(valid);
  switch (dice.roll(8)) {
    case 0:
      return codec.encode(message);
    case 1:
      return randomBytes(dice, dice.roll(60));
    case 2:
      return codec.encoding === 'json' ? randomBytes(dice, dice.roll(60)).toString('latin1') : 'text';
    case 3:
    case 4:
      return mutateBytes(Buffer.from(codec.encode(message)), dice);
    default:
      return codec.encode(mutateValue(message, dice));
  }
}

/** Sockets, timers and files that are open in this process. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((name) => name !== 'Immediate').length;
}
