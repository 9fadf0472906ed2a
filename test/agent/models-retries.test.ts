import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FailedAttempt, ModelError, type ModelErrorCode } from '../../src/agent/models/model.js';
import { OpenAiModel } from '../../src/agent/models/openai-model.js';
import type { OpenAiSettings } from '../../src/agent/models/openai-settings.js';
import { DEFAULT_RETRY, retryDelayMs } from '../../src/agent/models/retry-policy.js';
import { ChatEndpoint, type ChatTurn } from '../../src/testing/index.js';
import { ManualClock } from './manual-clock.js';

const HELLO = [{ role: 'user', content: 'hello' }] as const;
const KEY = 'sk-very-secret-key-0123';

async function ask(turns: readonly ChatTurn[], settings: Partial<OpenAiSettings> = {}, clock = new ManualClock()) {
  await using endpoint = await ChatEndpoint.start(turns);
  const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url, apiKey: KEY, clock, ...settings });
  const failed: FailedAttempt[] = [];
  const heard: string[] = [];
  const outcome = await model
    .query({ messages: HELLO, onRetry: (failure) => failed.push(failure), onText: (delta) => heard.push(delta) })
    .catch((error: unknown) => error as ModelError);
  return { outcome, failed, heard, waits: clock.waits, requests: endpoint.chats.length };
}

const HTML = '<html><body>502 Bad Gateway</body></html>';

/** What comes instead of an answer and is worth another try. */
const PASSING: readonly [string, ChatTurn, ModelErrorCode][] = [
  ['429', { status: 429 }, 'rate_limit'],
  ['500', { status: 500 }, 'server'],
  ['503 in HTML', { status: 503, body: HTML }, 'server'],
  ['408', { status: 408 }, 'timeout'],
  ['409', { status: 409 }, 'server'],
  ['an empty body', { status: 200, body: '', content_type: 'application/json' }, 'garbage'],
  ['HTML with status 200', { status: 200, body: HTML }, 'garbage'],
  ['JSON that ends early', { status: 200, body: '{"choices": [{"mess', content_type: 'application/json' }, 'garbage'],
  ['no choice', { status: 200, body: { object: 'chat.completion', choices: [] } }, 'garbage'],
  ['an error with status 200', { status: 200, body: { error: { message: 'upstream failed', code: 502 } } }, 'garbage'],
  ['an empty stream', { status: 200, body: '', content_type: 'text/event-stream' }, 'garbage'],
  ['a stream of HTML', { status: 200, body: HTML, content_type: 'text/event-stream' }, 'garbage'],
  ['a stream that is no JSON', { status: 200, body: 'data: {"choi\n\n', content_type: 'text/event-stream' }, 'garbage'],
  [
    'a stream of other things',
    { status: 200, body: 'data: {"choices": 7}\n\n', content_type: 'text/event-stream' },
    'garbage',
  ],
  [
    'a stream with an error',
    { status: 200, body: 'data: {"error": {"message": "died", "code": 500}}\n\n', content_type: 'text/event-stream' },
    'server',
  ],
  [
    'a stream with nothing but its end',
    { status: 200, body: 'data: [DONE]\n\n', content_type: 'text/event-stream' },
    'garbage',
  ],
  ['a connection cut before the headers', { text: 'partial answer', cut: 'before_headers' }, 'connection'],
  ['a connection cut within the answer', { text: 'partial answer', cut: 'within' }, 'connection'],
];

describe.each([{ stream: true }, { stream: false }])('retries, stream $stream', ({ stream }) => {
  it.each(PASSING)('asks again after %s, and says what happened [B2]', async (_name, turn, code) => {
    const { outcome, failed, waits, requests } = await ask([turn, 'the answer'], { stream });
    expect(outcome).toMatchObject({ text: 'the answer', attempts: 2 });
    expect(failed).toEqual([{ code, reason: expect.stringMatching(/.{8}/), attempt: 1, waitMs: 500 }]);
    expect([waits, requests]).toEqual([[500], 2]);
  });

  it.each<[string, ChatTurn, ModelErrorCode]>([
    ['401', { status: 401 }, 'unauthorized'],
    ['403', { status: 403, body: HTML }, 'unauthorized'],
    ['no money', { status: 429, code: 'insufficient_quota' }, 'quota'],
    ['400', { status: 400 }, 'bad_request'],
    ['404', { status: 404 }, 'bad_request'],
    ['a chat too long', { status: 400, code: 'context_length_exceeded' }, 'context_window'],
  ])('ends at once after %s [B2]', async (_name, turn, code) => {
    const { outcome, failed, requests } = await ask([turn, 'never'], { stream });
    expect(outcome).toBeInstanceOf(ModelError);
    expect(outcome).toMatchObject({ code, attempts: 1 });
    expect([failed.length, requests]).toEqual([0, 1]);
  });

  it('never asks again at a port that no request is sent to [B2]', async () => {
    const { outcome, failed } = await ask(['never'], { baseUrl: 'http://127.0.0.1:9/v1', stream });
    expect(outcome).toMatchObject({ code: 'bad_request', attempts: 1, message: expect.stringContaining('bad port') });
    expect(failed).toEqual([]);
  });

  it('waits as long as it is asked to, and a little more so that not all come back at once [B2]', async () => {
    const turns: ChatTurn[] = [
      { status: 429, headers: { 'retry-after': '3' } },
      { status: 429, headers: { 'retry-after-ms': '40' } },
      { status: 503, headers: { 'retry-after': '2' } },
      { status: 429, headers: { 'x-ratelimit-reset-tokens': '1m0s' } },
      'ok',
    ];
    const { outcome, waits } = await ask(turns, { stream });
    expect(outcome).toMatchObject({ text: 'ok', attempts: 5 });
    expect(waits).toEqual([3500, 540, 2500, 60_500]);
  });

  it('does not wait longer than its patience: it says what was asked and ends [B2]', async () => {
    const turn: ChatTurn = { status: 429, headers: { 'retry-after': '3600' } };
    const { outcome, waits, requests } = await ask([turn, 'never'], { stream, retry: { maxTotalMs: 60_000 } });
    expect(outcome).toMatchObject({
      code: 'rate_limit',
      attempts: 1,
      message: expect.stringMatching(/3600\.5 s later, and 60 s is the limit/),
    });
    expect([waits, requests]).toEqual([[], 1]);
  });

  it('gives up after the attempts it has, with the class of the last failure [B2]', async () => {
    const turns: ChatTurn[] = [{ status: 500 }, { status: 429 }, { text: 'x', cut: 'before_headers' }];
    const { outcome, failed, waits } = await ask(turns, { stream, retry: { maxAttempts: 3 } });
    expect(outcome).toMatchObject({
      code: 'connection',
      attempts: 3,
      message: expect.stringMatching(/given up after 3 requests/),
    });
    expect(failed.map(({ code, attempt }) => [code, attempt])).toEqual([
      ['server', 1],
      ['rate_limit', 2],
    ]);
    expect(waits).toEqual([500, 1000]);
  });

  it('never mixes a broken answer into the next one [B2]', async () => {
    const { outcome, heard } = await ask([{ text: 'abcdefgh', cut: 'within' }, 'fresh'], { stream });
    expect(outcome).toMatchObject({ text: 'fresh' });
    expect(heard.slice(-2).join('')).toMatch(/fresh$/);
  });

  it('names no key in anything it says [B2]', async () => {
    const echo = { status: 401, message: `Bad key ${KEY}, header Bearer ${KEY}` } as const;
    const { outcome } = await ask([echo], { stream });
    const again = await ask([{ status: 500, body: `<pre>Authorization: Bearer ${KEY}</pre>` }, 'ok'], { stream });
    const model = new OpenAiModel({ model: 'm', baseUrl: 'http://127.0.0.1:9/v1', apiKey: KEY });
    const settings = { stream, extraHeaders: { 'x-api-key': 'another-secret' } };
    const header = await ask([{ status: 400, message: 'x-api-key another-secret is wrong' }], settings);
    const unsendable = await ask(['never'], { stream, apiKey: `${KEY}\u0001` });
    const said = [outcome, again.failed, model, JSON.stringify(model), header.outcome, unsendable.outcome];
    const text = said
      .map((thing) => inspect(thing, { depth: 10, showHidden: true }) + String((thing as Error).stack))
      .join('\n');
    expect(text).not.toContain(KEY);
    expect(text).not.toContain('another-secret');
    expect(text).toContain('[key]');
  });
});

it.each<[string, (url: string) => Partial<OpenAiSettings>, RegExp]>([
  [
    'an address without /v1',
    (url) => ({ baseUrl: url.replace('/v1', '') }),
    /is http:\S+ complete\? Most base URLs end in \/v1\)$/,
  ],
  ['a missing key', () => ({ apiKey: undefined }), /no key was sent: OPENAI_API_KEY holds it\)$/],
  [
    'a temperature that the model does not take',
    () => ({ temperature: 0 }),
    /chooses its temperature itself: set it to none\)$/,
  ],
])('says what to do about %s [B1]', async (_name, settingsFor, hint) => {
  await using endpoint = await ChatEndpoint.start(['never'], { key: KEY, refuses: ['temperature'] });
  const settings = { model: 'm', baseUrl: endpoint.url, apiKey: KEY, ...settingsFor(endpoint.url) };
  await expect(new OpenAiModel(settings).query({ messages: HELLO })).rejects.toMatchObject({
    attempts: 1,
    message: expect.stringMatching(hint),
  });
});

it('asks again when nobody listens, and says where [B2]', async () => {
  const free = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => free.once('listening', resolve));
  const { port } = free.address() as { port: number };
  await new Promise((resolve) => free.close(resolve));
  const clock = new ManualClock();
  const model = new OpenAiModel({
    model: 'm',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    clock,
    retry: { maxAttempts: 3 },
  });
  await expect(model.query({ messages: HELLO })).rejects.toMatchObject({
    code: 'connection',
    attempts: 3,
    message: expect.stringContaining(
      `connect ECONNREFUSED 127.0.0.1:${port} (is an endpoint running at http://127.0.0.1:${port}/v1?)`,
    ),
  });
  expect(clock.waits).toEqual([500, 1000]);
});

it('asks again when what answers speaks no HTTP [B2]', async () => {
  const server = createServer((socket) =>
    socket
      .on('error', () => {})
      .resume()
      .end('SSH-2.0-OpenSSH_9.2\r\n'),
  ).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const settings = {
    model: 'm',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    clock: new ManualClock(),
    retry: { maxAttempts: 2 },
  };
  await expect(new OpenAiModel(settings).query({ messages: HELLO })).rejects.toMatchObject({
    code: 'garbage',
    attempts: 2,
  });
  await new Promise((resolve) => server.close(resolve));
});

it('reaches endpoints elsewhere over the proxy, this machine directly, and names no password [D2]', async () => {
  await using endpoint = await ChatEndpoint.start(() => 'ok');
  const asked: (string | undefined)[] = [];
  const tunnels: Socket[] = [];
  const proxy = createHttpServer();
  proxy.on('connect', (request, client: Socket) => {
    asked.push(request.url);
    tunnels.push(client);
    if (request.url?.startsWith('refused')) return client.end('HTTP/1.1 407 Password pass-word-9 is wrong\r\n\r\n');
    const server = connect(Number(new URL(endpoint.url).port), '127.0.0.1');
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on('error', () => {});
    client.once('close', () => server.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as { port: number };
  const proxies = { http: `http://user:pass-word-9@127.0.0.1:${port}`, https: undefined, no: 'direct.invalid' };
  const query = (baseUrl: string) => {
    const settings = { model: 'm', baseUrl, proxies, retry: { maxAttempts: 1 } };
    return new OpenAiModel(settings).query({ messages: HELLO });
  };
  expect((await query('http://elsewhere.invalid/v1')).text).toBe('ok');
  expect((await query(endpoint.url)).text).toBe('ok');
  expect(asked).toEqual(['elsewhere.invalid:80']);
  await expect(query('http://direct.invalid/v1')).rejects.toMatchObject({ code: 'connection' });
  const refused = await query('http://refused.invalid/v1').catch((error: unknown) => error);
  expect(refused).toMatchObject({ attempts: 1 });
  expect(inspect(refused, { depth: 9 })).not.toContain('pass-word-9');
  for (const tunnel of tunnels) tunnel.destroy();
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});

it('keeps an answer that was complete when the connection broke [B2]', async () => {
  const { outcome, requests } = await ask([{ text: 'all of it', cut: 'before_done' }, 'never']);
  expect(outcome).toMatchObject({ text: 'all of it', finishReason: 'stop', attempts: 1 });
  expect(requests).toBe(1);
});

it('takes the end mark for the end where the endpoint gives no finish reason, and its absence for a break [B2]', async () => {
  const piece = (text: string) => `data: ${JSON.stringify({ choices: [{ delta: { content: text } }] })}\n\n`;
  const body = (text: string): ChatTurn => ({ status: 200, body: text, content_type: 'text/event-stream' });
  expect((await ask([body(`${piece('whole')}data: [DONE]\n\n`)])).outcome).toMatchObject({
    text: 'whole',
    finishReason: null,
    attempts: 1,
  });
  expect((await ask([body(piece('half')), 'whole'])).outcome).toMatchObject({ text: 'whole', attempts: 2 });
  expect((await ask([body(piece('\ndata: [DONE]')), 'whole'])).outcome).toMatchObject({ text: 'whole', attempts: 2 });
});

it('waits at random from nothing up to a bound that doubles and is capped [B2]', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2000 }), chance, (attempt, random) => {
      const bound = Math.min(DEFAULT_RETRY.maxDelayMs, DEFAULT_RETRY.baseDelayMs * 2 ** (attempt - 1));
      const wait = retryDelayMs(attempt, null, DEFAULT_RETRY, () => random);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(bound);
      expect(wait).toBeCloseTo(random * bound, 6);
    }),
  );
  fc.assert(
    fc.property(fc.nat(10_000_000), chance, (asked, random) => {
      const wait = retryDelayMs(3, asked, DEFAULT_RETRY, () => random);
      expect(wait).toBeGreaterThanOrEqual(asked);
      expect(wait).toBeLessThanOrEqual(asked + DEFAULT_RETRY.baseDelayMs);
    }),
  );
});
