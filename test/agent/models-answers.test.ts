import { describe, expect, it } from 'vitest';
import type { ChatMessage, ModelRequest, ToolDefinition } from '../../src/agent/models/model.js';
import { OpenAiModel } from '../../src/agent/models/openai-model.js';
import type { OpenAiSettings } from '../../src/agent/models/openai-settings.js';
import { PriceTable } from '../../src/agent/models/prices.js';
import { ChatEndpoint, type ChatEndpointOptions, type ChatTurn } from '../../src/testing/index.js';
import { ManualClock } from './manual-clock.js';

const BASH: ToolDefinition = {
  name: 'bash',
  description: 'Runs a command.',
  parameters: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
};
const HELLO: readonly ChatMessage[] = [{ role: 'user', content: 'hello' }];

async function ask(
  turn: ChatTurn,
  settings: Partial<OpenAiSettings> = {},
  request: Partial<ModelRequest> = {},
  options: ChatEndpointOptions = {},
) {
  await using endpoint = await ChatEndpoint.start([turn, turn, turn], options);
  const model = new OpenAiModel({ model: 'stand-in', baseUrl: endpoint.url, clock: new ManualClock(), ...settings });
  const reply = await model.query({ messages: HELLO, ...request });
  return { reply, bodies: endpoint.chats.map(({ body }) => body as Record<string, unknown>), chats: endpoint.chats };
}

describe.each([{ stream: true }, { stream: false }])('answers of an endpoint, stream $stream', ({ stream }) => {
  it('brings text, usage and finish reason, and the text as it arrives [D2]', async () => {
    let heard = '';
    const usage = { prompt_tokens: 12, completion_tokens: 7, cached_tokens: 4 };
    const onText = (delta: string) => {
      heard += delta;
    };
    const { reply } = await ask({ text: 'grüße, 世界 😀', usage, piece_characters: 1 }, { stream }, { onText });
    expect(reply).toMatchObject({
      text: 'grüße, 世界 😀',
      reasoning: null,
      toolCalls: [],
      finishReason: 'stop',
      refusal: null,
      usage: { inputTokens: 12, cachedInputTokens: 4, outputTokens: 7, estimated: false },
      costUsd: null,
      attempts: 1,
    });
    expect(heard).toBe(reply.text);
  });

  it('brings calls of tools with their ids and arguments, however they are cut into pieces [D2]', async () => {
    const turn = {
      text: 'I look.',
      tool_calls: [
        { id: 'call_a', name: 'bash', arguments: { command: 'printf "\\u00e9 \\"😀\\"\n"' } },
        { id: 'call_b', name: 'bash', arguments: '{"command": "ls"}' },
      ],
    };
    for (const piece_characters of [1, 2, 3, 1000]) {
      const { reply, bodies } = await ask({ ...turn, piece_characters, write_bytes: 7 }, { stream }, { tools: [BASH] });
      expect(reply.text).toBe('I look.');
      expect(reply.finishReason).toBe('tool_calls');
      expect(reply.toolCalls).toEqual([
        { id: 'call_a', name: 'bash', arguments: JSON.stringify(turn.tool_calls[0]!.arguments) },
        { id: 'call_b', name: 'bash', arguments: '{"command": "ls"}' },
      ]);
      expect(bodies[0]?.tools).toEqual([{ type: 'function', function: BASH }]);
    }
  });

  it('brings a call with null content, an empty text and null content as empty text [D2]', async () => {
    const call = { name: 'bash', arguments: {} };
    expect((await ask({ text: null, tool_calls: [call] }, { stream })).reply).toMatchObject({
      text: '',
      finishReason: 'tool_calls',
    });
    expect((await ask({ text: '' }, { stream })).reply).toMatchObject({ text: '', finishReason: 'stop', attempts: 1 });
    expect((await ask({ text: null }, { stream })).reply).toMatchObject({
      text: '',
      finishReason: 'stop',
      attempts: 1,
    });
  });

  it('brings thinking under either name, and refusals [D2]', async () => {
    for (const reasoning_field of ['reasoning_content', 'reasoning'] as const) {
      let thought = '';
      const onReasoning = (delta: string) => {
        thought += delta;
      };
      const { reply } = await ask(
        { text: 'yes', reasoning: 'let me see', reasoning_field },
        { stream },
        { onReasoning },
      );
      expect(reply).toMatchObject({ text: 'yes', reasoning: 'let me see' });
      expect(thought).toBe('let me see');
    }
    expect((await ask({ refusal: 'No.' }, { stream })).reply).toMatchObject({
      text: '',
      refusal: 'No.',
      finishReason: 'stop',
    });
  });

  it('says when an answer was cut off or filtered, and hands a cut call over as it is [B2]', async () => {
    const cut = { tool_calls: [{ name: 'bash', arguments: '{"command": "ech' }], finish_reason: 'length' };
    const { reply } = await ask(cut, { stream });
    expect(reply).toMatchObject({ finishReason: 'length', toolCalls: [{ arguments: '{"command": "ech' }] });
    expect((await ask({ text: 'half', finish_reason: 'length' }, { stream })).reply.finishReason).toBe('length');
    expect((await ask({ text: '', finish_reason: 'content_filter' }, { stream })).reply.finishReason).toBe(
      'content_filter',
    );
  });

  it('estimates the tokens of an endpoint that does not count, and says so [D2]', async () => {
    const { reply } = await ask({ text: 'x'.repeat(70), usage: null }, { stream });
    expect(reply.usage).toEqual({ inputTokens: 10, cachedInputTokens: 0, outputTokens: 20, estimated: true });
  });

  it('reckons the price, cached tokens apart [D2]', async () => {
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 100_000, cached_tokens: 400_000 };
    const { reply } = await ask({ text: 'ok', usage }, { stream, model: 'gpt-4o', prices: PriceTable.builtIn });
    expect(reply.costUsd).toBeCloseTo(0.6 * 2.5 + 0.4 * 1.25 + 0.1 * 10, 10);
  });

  it('sends what it is set to, fields of the endpoint and headers included [D2]', async () => {
    const settings: Partial<OpenAiSettings> = {
      stream,
      apiKey: 'sk-0123456789',
      temperature: 0,
      topP: 0.95,
      maxTokens: 100,
      stop: ['END'],
      seed: 7,
      extraBody: { top_k: 20, chat_template_kwargs: { enable_thinking: false } },
      extraHeaders: { 'x-team': 'lab' },
    };
    const { bodies, chats } = await ask('ok', settings, {}, { key: 'sk-0123456789' });
    expect(bodies[0]).toEqual({
      model: 'stand-in',
      messages: [{ role: 'user', content: 'hello' }],
      temperature: 0,
      top_p: 0.95,
      max_tokens: 100,
      stop: ['END'],
      seed: 7,
      ...(stream && { stream: true, stream_options: { include_usage: true } }),
      top_k: 20,
      chat_template_kwargs: { enable_thinking: false },
    });
    expect(chats[0]?.headers).toMatchObject({ authorization: 'Bearer sk-0123456789', 'x-team': 'lab' });
  });

  it('sends no authorization where there is no key [D2]', async () => {
    const { chats } = await ask('ok', { stream });
    expect(chats[0]?.headers).not.toHaveProperty('authorization');
  });

  it('uses the other name of the answer limit when the endpoint refuses the first, from then on [D2]', async () => {
    for (const refused of ['max_tokens', 'max_completion_tokens'] as const) {
      const other = refused === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens';
      await using endpoint = await ChatEndpoint.start(['one', 'two'], { refuses: [refused] });
      const settings = { model: 'stand-in', baseUrl: endpoint.url, stream, maxTokens: 50 };
      const model = new OpenAiModel(settings);
      const attempts = [
        (await model.query({ messages: HELLO })).attempts,
        (await model.query({ messages: HELLO })).attempts,
      ];
      expect(attempts).toEqual(refused === 'max_tokens' ? [2, 1] : [1, 1]);
      expect(endpoint.chats.at(-1)?.body).toMatchObject({ [other]: 50 });
      const insisting = new OpenAiModel({ ...settings, maxTokensField: refused });
      await expect(insisting.query({ messages: HELLO })).rejects.toMatchObject({ code: 'bad_request', attempts: 1 });
    }
  });

  it('plays a conversation with calls and their answers as the endpoint wants it [D2]', async () => {
    const messages: ChatMessage[] = [
      { role: 'system', content: 'You act.' },
      { role: 'user', content: 'Go.' },
      {
        role: 'assistant',
        content: '',
        toolCalls: [{ id: 'a', name: 'bash', arguments: '{"command":"ls"}' }],
        reasoning: 'hm',
      },
      { role: 'tool', toolCallId: 'a', content: 'file' },
      { role: 'assistant', content: 'Cut.', toolCalls: [{ id: 'b', name: 'bash', arguments: '{"comm' }] },
      { role: 'tool', toolCallId: 'b', content: 'Your arguments are no JSON. \ud83d' },
    ];
    const { bodies } = await ask('ok', { stream }, { messages, tools: [BASH] });
    expect(bodies[0]?.messages).toEqual([
      { role: 'system', content: 'You act.' },
      { role: 'user', content: 'Go.' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'bash', arguments: '{"command":"ls"}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'file' },
      {
        role: 'assistant',
        content: 'Cut.',
        tool_calls: [{ id: 'b', type: 'function', function: { name: 'bash', arguments: '{"malformed":"{\\"comm"}' } }],
      },
      { role: 'tool', tool_call_id: 'b', content: 'Your arguments are no JSON. \ufffd' },
    ]);
    const sending = await ask('ok', { stream, sendsReasoning: true }, { messages, tools: [BASH] });
    expect((sending.bodies[0]!.messages as object[])[2]).toMatchObject({ reasoning_content: 'hm' });
  });

  it('serves many questions at once over connections that are used again [D2]', async () => {
    await using endpoint = await ChatEndpoint.start((request) => `${request.messages[0]?.content}`);
    const model = new OpenAiModel({ model: 'stand-in', baseUrl: endpoint.url, stream });
    const say = (content: string) => model.query({ messages: [{ role: 'user', content }] });
    const texts = Array.from({ length: 20 }, (_, i) => `number ${i}`);
    expect((await Promise.all(texts.map(say))).map(({ text }) => text)).toEqual(texts);
    for (let i = 0; i < 20; i++) await say('again');
    expect(new Set(endpoint.chats.map(({ connection }) => connection)).size).toBeLessThanOrEqual(22);
  });
});

it('learns from what the endpoint counts how many tokens the next chat has, unless it is short [D2]', async () => {
  const usage = { prompt_tokens: 1500, completion_tokens: 1 };
  await using endpoint = await ChatEndpoint.start(() => ({ text: 'ok', usage }));
  const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url });
  const long: ChatMessage[] = [{ role: 'user', content: 'x'.repeat(3472) }];
  expect(model.countTokens(long)).toBe(1000);
  await model.query({ messages: HELLO });
  expect(model.countTokens(long)).toBe(1000);
  await model.query({ messages: long });
  expect(model.countTokens(long)).toBe(1500);
});

it('goes without usage where the endpoint refuses to be asked for it, from then on [D2]', async () => {
  await using endpoint = await ChatEndpoint.start(['one', 'two'], { refuses: ['stream_options'] });
  const model = new OpenAiModel({ model: 'stand-in', baseUrl: endpoint.url });
  const retried: string[] = [];
  const onRetry = ({ reason }: { reason: string }) => retried.push(reason);
  const both = await Promise.all([1, 2].map(() => model.query({ messages: HELLO, onRetry })));
  expect(both.map(({ usage, attempts }) => [usage.estimated, attempts])).toEqual([
    [true, 2],
    [true, 2],
  ]);
  expect(retried.every((reason) => reason.includes("'stream_options' is not supported"))).toBe(true);
});

it('reads a whole answer where a stream was asked for, and a stream that calls itself a text [D2]', async () => {
  const whole = { choices: [{ message: { role: 'assistant', content: 'whole' }, finish_reason: 'stop' }] };
  expect((await ask({ status: 200, body: whole })).reply.text).toBe('whole');
  expect((await ask({ text: 'streamed', content_type: 'text/plain' })).reply.text).toBe('streamed');
  expect((await ask({ text: 'whole', content_type: 'text/plain' }, { stream: false })).reply.text).toBe('whole');
  const comments = `: processing\n\n: processing\n\ndata: ${JSON.stringify({ choices: [{ delta: { content: 'late' }, finish_reason: 'stop' }] })}\n\n`;
  expect((await ask({ status: 200, body: comments, content_type: 'text/event-stream' })).reply.text).toBe('late');
});

it('asks OpenAI itself with the new name of the answer limit, others with the old one [D2]', async () => {
  const { expectedHabits } = await import('../../src/agent/models/endpoint-habits.js');
  const fieldAt = (baseUrl: string) => expectedHabits({ model: 'm', baseUrl }).maxTokensField;
  expect(fieldAt('https://api.openai.com/v1')).toBe('max_completion_tokens');
  expect(fieldAt('https://lab.openai.azure.com/openai/v1')).toBe('max_completion_tokens');
  expect(fieldAt('http://127.0.0.1:8000/v1')).toBe('max_tokens');
  expect(fieldAt('https://notopenai.com/v1')).toBe('max_tokens');
});
