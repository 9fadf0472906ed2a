import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { AnswerBuilder } from '../../src/agent/models/answer-builder.js';
import { CostMeter } from '../../src/agent/models/cost-meter.js';
import { askModelList } from '../../src/agent/models/model-list.js';
import { OpenAiModel } from '../../src/agent/models/openai-model.js';
import type { OpenAiSettings } from '../../src/agent/models/openai-settings.js';
import { PriceTable } from '../../src/agent/models/prices.js';
import { retryAfterMs } from '../../src/agent/models/retry-after.js';
import { wholeEvents } from '../../src/agent/models/whole-events.js';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer((request, response) => {
    request.resume();
    response.on('error', () => {});
    listener(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const SECRETS = { apiKey: 'sk-0123456789', extraHeaders: { 'api-key': 'other-0123456789' } };

async function ask(port: number, settings: Partial<OpenAiSettings> = {}) {
  const model = new OpenAiModel({
    model: 'gpt-4o',
    baseUrl: `http://127.0.0.1:${port}/v1`,
    prices: PriceTable.builtIn,
    retry: { maxAttempts: 1 },
    ...SECRETS,
    ...settings,
  });
  return model.query({ messages: [{ role: 'user', content: 'hello' }] });
}

/** Sends a piece again and again for as long as somebody takes it. */
function endless(type: string, piece: Uint8Array): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': type });
    const more = () => {
      for (let isTaken = true; isTaken && !response.destroyed; ) isTaken = response.write(piece);
      response.once('drain', more);
    };
    more();
  };
}

describe('an endpoint that is hostile [B2 B5]', () => {
  it.each([301, 302, 303, 307, 308])('gets nothing sent on to another host, by status %i', async (status) => {
    const seen: unknown[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers);
      response.end();
    });
    const port = await serve((_request, response) => {
      response.writeHead(status, { location: `http://localhost:${other}/v1/chat/completions` }).end();
    });
    await expect(ask(port)).rejects.toMatchObject({
      code: 'bad_request',
      attempts: 1,
      message: expect.stringMatching(/HTTP 30\d: it sends on to http:\/\/localhost:\d+\/v1\/chat\/completions/),
    });
    expect(seen).toEqual([]);
  });

  it.each([
    ['an event', 'text/event-stream', Buffer.alloc(16 * 1024, 'x')],
    ['lines of an event', 'text/event-stream', Buffer.from('data: x\n'.repeat(1000))],
    ['a document', 'application/json', Buffer.alloc(64 * 1024, ' ')],
  ])('does not keep anybody with %s without an end', async (_, type, piece) => {
    const port = await serve(endless(type, piece));
    await expect(ask(port)).rejects.toMatchObject({ code: 'garbage' });
  });

  it('does not fill the memory with what it packed', async () => {
    const packed = gzipSync(Buffer.alloc(2 ** 28));
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(packed);
    });
    await expect(ask(port)).rejects.toMatchObject({ code: 'garbage' });
  });

  it.each([
    '{"prompt_tokens": -1000000000, "completion_tokens": 5}',
    '{"prompt_tokens": 5, "completion_tokens": -1000000000}',
    '{"prompt_tokens": "5", "completion_tokens": "7"}',
    '{"prompt_tokens": 1e999, "completion_tokens": 1}',
    '{"prompt_tokens": 1.5, "completion_tokens": 1}',
    '{"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": -1000000000}}',
    '{"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 1000000000}}',
    '[]',
    '"much"',
  ])('cannot make a call cost less than nothing: usage %s', async (usage) => {
    const choice = '{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}';
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(`{"choices": [${choice}], "usage": ${usage}}`);
    });
    const reply = await ask(port, { stream: false });
    const meter = new CostMeter();
    meter.add(reply, 'gpt-4o');
    expect(meter.stats.task_cost).toBeGreaterThan(0);
    expect(meter.stats.task_cost).toBeLessThan(1);
    expect(meter.stats.tokens_sent).toBeGreaterThan(0);
    expect(Number.isInteger(meter.stats.tokens_sent + meter.stats.tokens_received)).toBe(true);
  });

  it('has no list of models without an end, and no window of a size that is none', async () => {
    const endlessly = await serve(endless('application/json', Buffer.alloc(64 * 1024, ' ')));
    expect(await askModelList(`http://127.0.0.1:${endlessly}/v1`, 'm', SECRETS)).toEqual({
      names: null,
      contextTokens: null,
      unreached: null,
    });
    for (const size of ['-5', '0', '1.5', '1e999', '"8"']) {
      const port = await serve((_request, response) =>
        response.end(`{"data": [{"id": "m", "max_model_len": ${size}}]}`),
      );
      expect((await askModelList(`http://127.0.0.1:${port}/v1`, 'm', SECRETS)).contextTokens).toBeNull();
    }
  });

  it.each([
    ['1000000000', 1e12],
    ['-1000000000', 0],
    ['NaN', null],
    ['Infinity', null],
    ['9'.repeat(400), Number.POSITIVE_INFINITY],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ])('that asks to wait %s is waited for no longer than the policy allows', async (asked, expected) => {
    expect(retryAfterMs(new Headers({ 'retry-after': asked }), true, Date.now())).toBe(expected);
    if (expected === null || expected === 0) return;
    const port = await serve((_request, response) => response.writeHead(429, { 'retry-after': asked }).end());
    await expect(ask(port, { retry: { maxAttempts: 9 } })).rejects.toMatchObject({ code: 'rate_limit', attempts: 1 });
  });
});

describe('what a model says [B5]', () => {
  it('holds a bounded number of calls, whatever their names, ids and arguments', () => {
    const builder = new AnswerBuilder({});
    for (let call = 0; call < 10_000; call++) {
      const id = call % 3 === 0 ? 'again' : `c${call}`;
      builder.add(
        { content: '', tool_calls: [{ id, function: { name: 'a\nb', arguments: '{"__proto__": 1}' } }] },
        null,
      );
    }
    const { toolCalls } = builder.build();
    expect(toolCalls.length).toBe(128);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });
});

describe('a stream taken apart into events', () => {
  it('gives the same bytes, each piece but the last an event, however they arrive [B2]', async () => {
    const line = fc.constantFrom('data: x', 'data: {"a":1}', ': ping', '', 'é');
    const text = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r', '\n\n', '\r\n\r\n')), { maxLength: 30 });
    const cases = fc.tuple(text, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }));
    await fc.assert(
      fc.asyncProperty(cases, async ([lines, sizes]) => {
        const bytes = Buffer.from(lines.flat().join(''));
        const pieces: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          pieces.push(bytes.subarray(at, at + size));
          at += size;
        }
        const events: Buffer[] = [];
        const arriving = new ReadableStream<Uint8Array>({
          start(controller) {
            for (const piece of pieces) controller.enqueue(piece);
            controller.close();
          },
        });
        for await (const event of arriving.pipeThrough(wholeEvents())) events.push(Buffer.from(event));
        expect(Buffer.concat(events).toString()).toBe(bytes.toString());
        for (const event of events.slice(0, -1)) expect(event.toString()).toMatch(/(?:\n\n|\r\r|\r\n\r\n)$/);
      }),
    );
  });
});
