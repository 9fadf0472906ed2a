import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it, vi } from 'vitest';
import { OpenAiModel } from '../../src/agent/models/openai-model.js';
import type { OpenAiSettings } from '../../src/agent/models/openai-settings.js';
import { ChatEndpoint, type ChatTurn } from '../../src/testing/index.js';
import { ManualClock } from './manual-clock.js';

const HELLO = [{ role: 'user', content: 'hello' }] as const;
const NEVER_MS = 3_600_000;
const LONG = 'word '.repeat(2000);

/** Where a question can be when nobody wants its answer any more. */
const PHASES: readonly [string, ChatTurn, 'request' | 'text' | 'retry', boolean[]][] = [
  ['before the headers come', { text: LONG, first_token_ms: NEVER_MS }, 'request', [true, false]],
  ['while the answer comes', { text: LONG, token_ms: 1 }, 'text', [true]],
  ['while an endless answer comes', { text: LONG, endless: true }, 'text', [true]],
  ['between two pieces', { text: LONG, token_ms: NEVER_MS }, 'request', [true]],
  ['while it waits to ask again', { status: 429, headers: { 'retry-after': '3600' } }, 'retry', [true, false]],
];

it.each(PHASES)(
  'an abort %s ends the question with its reason and leaves no connection [B2]',
  async (_name, turn, when, streams) => {
    for (const stream of streams) {
      await using endpoint = await ChatEndpoint.start([turn]);
      const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url, stream, retry: { maxTotalMs: 2 * NEVER_MS } });
      const controller = new AbortController();
      const abort = () => controller.abort(new Error('enough'));
      const asked = model.query({
        messages: HELLO,
        signal: controller.signal,
        onText: () => when === 'text' && abort(),
        onRetry: () => when === 'retry' && setImmediate(abort),
      });
      const outcome = asked.catch((error: unknown) => error);
      if (when === 'request') {
        await vi.waitFor(() => expect(endpoint.chats.length).toBe(1));
        abort();
      }
      expect(await outcome).toEqual(new Error('enough'));
      // A connection on which an answer was read to its end may wait for the next question.
      await vi.waitFor(() => expect(endpoint.openConnections).toBe(when === 'retry' ? 1 : 0), { timeout: 10_000 });
      if (when !== 'retry') expect(endpoint.chats[0]?.ending).toBe('client_left');
    }
  },
);

it('an abort before the question sends nothing, and one on a connection that stays mute ends it [B2]', async () => {
  await using endpoint = await ChatEndpoint.start(['never']);
  const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url });
  const signal = AbortSignal.abort(new Error('too late'));
  await expect(model.query({ messages: HELLO, signal })).rejects.toThrow('too late');
  expect(endpoint.journal).toEqual([]);
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const controller = new AbortController();
  const mute = new OpenAiModel({ model: 'm', baseUrl: `http://127.0.0.1:${port}/v1` });
  const asked = mute.query({ messages: HELLO, signal: controller.signal });
  const [socket] = (await once(silent, 'connection')) as [import('node:net').Socket];
  controller.abort(new Error('enough'));
  await expect(asked).rejects.toThrow('enough');
  socket.resume();
  await once(socket, 'close');
  silent.close();
});

it('many questions with one signal leave no listener on it [B2]', async () => {
  await using endpoint = await ChatEndpoint.start(() => 'ok');
  const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url });
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, 'addEventListener');
  const removed = vi.spyOn(signal, 'removeEventListener');
  for (let i = 0; i < 15; i++) await model.query({ messages: HELLO, signal });
  expect(added.mock.calls.length).toBeGreaterThan(0);
  expect(removed.mock.calls.length).toBe(added.mock.calls.length);
});

it.each<[string, ChatTurn, Partial<OpenAiSettings>, RegExp]>([
  [
    'no headers come',
    { text: 'x', first_token_ms: NEVER_MS },
    { stream: false, timeoutMs: 50 },
    /no answer within 0.05 s/,
  ],
  ['no first piece comes', { text: 'x', first_token_ms: NEVER_MS }, { timeoutMs: 400 }, /no answer within 0.4 s/],
  ['an answer has no end', { text: LONG, endless: true }, { timeoutMs: 400 }, /no answer within 0.4 s/],
  [
    'it falls silent',
    { text: LONG, token_ms: NEVER_MS },
    { idleTimeoutMs: 50 },
    /nothing came for 0.05 s within the answer/,
  ],
])('a time limit ends a request when %s, and it is sent again [B2]', async (_name, turn, settings, reason) => {
  await using endpoint = await ChatEndpoint.start((_request, call) => (call === 0 ? turn : 'at last'));
  const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url, clock: new ManualClock(0), ...settings });
  const failed: unknown[] = [];
  const reply = await model.query({ messages: HELLO, onRetry: (failure) => failed.push(failure) });
  expect(reply).toMatchObject({ text: 'at last' });
  // A slow machine may need more than the two.
  expect(failed[0]).toEqual({ code: 'timeout', reason: expect.stringMatching(reason), attempt: 1, waitMs: 0 });
  await vi.waitFor(() => expect(endpoint.chats[0]?.ending).toBe('client_left'), { timeout: 10_000 });
});

it('an answer is kept when the endpoint does not end the connection after it [B2]', async () => {
  await using endpoint = await ChatEndpoint.start([{ text: 'complete', hold_open: true }]);
  const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url, idleTimeoutMs: 1000 });
  expect(await model.query({ messages: HELLO })).toMatchObject({
    text: 'complete',
    attempts: 1,
    usage: { estimated: false },
  });
  await vi.waitFor(() => expect(endpoint.openConnections).toBe(0), { timeout: 10_000 });
});
