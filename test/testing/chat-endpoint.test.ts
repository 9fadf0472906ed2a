import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { PROJECT_ROOT } from '../../src/config.js';
import { ChatEndpoint, type ChatTurn, faultyPolicy, readSolutions, solutionPolicy } from '../../src/testing/index.js';

const MESSAGES = [{ role: 'user', content: 'hello' }];

async function post(endpoint: ChatEndpoint, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${endpoint.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** A stream without what differs from one to the next. */
function steady(text: string): string {
  return text
    .replace(/"id":"chatcmpl-\w+"/g, '"id":"ID"')
    .replace(/"id":"call_\w+"/g, '"id":"CALL"')
    .replace(/"created":\d+/g, '"created":0');
}

const HEAD =
  '"id":"ID","object":"chat.completion.chunk","created":0,"model":"m","service_tier":"default","system_fingerprint":"fp_standin"';
const piece = (delta: string, finish = 'null', more = '') =>
  `data: {${HEAD},"choices":[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":${finish}}]${more}}\n\n`;

describe('the stand-in of an endpoint', () => {
  it('streams byte by byte what the API streams: role, pieces, finish, usage, end [D2]', async () => {
    await using endpoint = await ChatEndpoint.start([
      'hi there',
      { tool_calls: [{ name: 'bash', arguments: '{"a":1}' }] },
      'plain',
    ]);
    const asked = { model: 'm', messages: MESSAGES, stream: true, stream_options: { include_usage: true } };
    const { text, headers } = await post(endpoint, asked);
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const unused = ',"usage":null';
    const details =
      '"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}';
    expect(steady(text)).toBe(
      piece('{"role":"assistant","content":"","refusal":null}', 'null', unused) +
        piece('{"content":"hi t"}', 'null', unused) +
        piece('{"content":"here"}', 'null', unused) +
        piece('{}', '"stop"', unused) +
        `data: {${HEAD},"choices":[],"usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12,${details}}}\n\n` +
        'data: [DONE]\n\n',
    );
    const call = await post(endpoint, { model: 'm', messages: MESSAGES, stream: true });
    expect(steady(call.text)).toBe(
      piece(
        '{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"CALL","type":"function","function":{"name":"bash","arguments":""}}],"refusal":null}',
      ) +
        piece('{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\""}}]}') +
        piece('{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}') +
        piece('{}', '"tool_calls"') +
        'data: [DONE]\n\n',
    );
    const whole = JSON.parse((await post(endpoint, { model: 'm', messages: MESSAGES })).text);
    expect(whole).toMatchObject({
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'plain', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
      usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
    });
  });

  it('is taken for the API by its own library, streamed and whole [D2]', async () => {
    await using endpoint = await ChatEndpoint.start(() => ({
      text: 'yes',
      tool_calls: [{ name: 'f', arguments: { x: 1 } }],
    }));
    const client = new OpenAI({ apiKey: 'k', baseURL: endpoint.url, maxRetries: 0 });
    const request = { model: 'm', messages: [{ role: 'user' as const, content: 'hello' }] };
    const tools = [
      { type: 'function' as const, function: { name: 'f', parameters: { type: 'object', properties: {} } } },
    ];
    const whole = await client.chat.completions.create(request);
    const streamed = await client.chat.completions.stream({ ...request, tools }).finalChatCompletion();
    for (const { choices } of [whole, streamed]) {
      expect(choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: { content: 'yes', tool_calls: [{ function: { name: 'f', arguments: '{"x":1}' } }] },
      });
    }
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['stand-in']);
  });

  const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } });
  const assistant = (...ids: string[]) => ({ role: 'assistant', content: null, tool_calls: ids.map(call) });
  const answer = (id: string) => ({ role: 'tool', tool_call_id: id, content: 'x' });

  it.each<[string, unknown, RegExp]>([
    [
      'a call without an answer',
      { messages: [...MESSAGES, assistant('a', 'b'), answer('a'), ...MESSAGES] },
      /did not have response messages: b/,
    ],
    [
      'a call without an answer at the end',
      { messages: [...MESSAGES, assistant('a')] },
      /did not have response messages: a/,
    ],
    [
      'an answer without a call',
      { messages: [...MESSAGES, answer('a')] },
      /must be a response to a preceeding message/,
    ],
    [
      'an answer to another call',
      { messages: [...MESSAGES, assistant('a'), answer('b')] },
      /must be a response to a preceeding message/,
    ],
    [
      'an assistant that says nothing',
      { messages: [...MESSAGES, { role: 'assistant', content: null }] },
      /expected a string, got null/,
    ],
    ['no message', { messages: [] }, /'messages'/],
    ['a role that there is not', { messages: [{ role: 'human', content: 'x' }] }, /'messages\.0\.role'/],
    ['no model', { model: undefined }, /'model'/],
    ['a temperature out of range', { temperature: 3 }, /'temperature'/],
    [
      'stream options without a stream',
      { stream_options: { include_usage: true } },
      /only allowed when 'stream' is enabled/,
    ],
    ['both limits of the answer', { max_tokens: 1, max_completion_tokens: 1 }, /at the same time/],
    [
      'a tool with a bad name',
      { tools: [{ type: 'function', function: { name: 'a b' } }] },
      /'tools\.0\.function\.name'/,
    ],
  ])('refuses %s as the API does [D2]', async (_name, fields, message) => {
    await using endpoint = await ChatEndpoint.start(['never']);
    const { status, text } = await post(endpoint, { model: 'm', messages: MESSAGES, ...(fields as object) });
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toMatchObject({
      type: 'invalid_request_error',
      message: expect.stringMatching(message),
    });
  });

  it('takes calls with their answers, and keeps a journal of what it was asked [D2]', async () => {
    const entries: string[] = [];
    await using endpoint = await ChatEndpoint.start(['ok'], {
      onRequest: ({ path, status }) => entries.push(`${path} ${status}`),
    });
    const messages = [...MESSAGES, assistant('a', 'b'), answer('b'), answer('a'), ...MESSAGES];
    expect((await post(endpoint, { model: 'm', messages })).status).toBe(200);
    expect((await post(endpoint, { model: 'm', messages })).text).toContain('has only 1 turns');
    expect((await post(endpoint, '{"model')).text).toContain('could not parse the JSON body');
    expect((await fetch(`${endpoint.url}/nothing`)).status).toBe(404);
    expect(entries).toEqual([
      '/v1/chat/completions 200',
      '/v1/chat/completions 400',
      '/v1/chat/completions 400',
      '/v1/nothing 404',
    ]);
    expect(endpoint.chats[0]).toMatchObject({
      method: 'POST',
      body: { model: 'm', messages },
      ending: 'answered',
      status: 200,
      connection: 1,
    });
  });

  it('knows its models, their size and its key [D2]', async () => {
    const options = { models: [{ id: 'small', max_model_len: 50 }], key: 'sk-0' };
    await using endpoint = await ChatEndpoint.start(() => 'ok', options);
    const headers = { authorization: 'Bearer sk-0' };
    const models = await fetch(`${endpoint.url}/models`, { headers });
    expect(await models.json()).toMatchObject({ object: 'list', data: [{ id: 'small', max_model_len: 50 }] });
    expect((await post(endpoint, { model: 'small', messages: MESSAGES })).status).toBe(401);
    expect((await post(endpoint, { model: 'large', messages: MESSAGES }, headers)).text).toContain('model_not_found');
    const long = [{ role: 'user', content: 'x'.repeat(300) }];
    expect(JSON.parse((await post(endpoint, { model: 'small', messages: long }, headers)).text).error.code).toBe(
      'context_length_exceeded',
    );
    expect((await post(endpoint, { model: 'small', messages: MESSAGES }, headers)).status).toBe(200);
  });

  it('reads the beginning of a chat that it has seen from its cache [D2]', async () => {
    await using endpoint = await ChatEndpoint.start(() => 'ok');
    const cachedOf = async (...messages: object[]) =>
      JSON.parse((await post(endpoint, { model: 'm', messages })).text).usage.prompt_tokens_details.cached_tokens;
    const [system, first] = [
      { role: 'system', content: 's'.repeat(8000) },
      { role: 'user', content: 'go' },
    ];
    expect(await cachedOf(system, first)).toBe(0);
    expect(await cachedOf(system, first, { role: 'assistant', content: 'x' }, first)).toBe(1920);
    expect(await cachedOf({ role: 'system', content: 'other' }, first)).toBe(0);
  });

  it('ends at once, whatever it is doing, and any number of times [B4]', async () => {
    const endpoint = await ChatEndpoint.start([{ text: 'x', first_token_ms: 3_600_000 }]);
    const { hostname, port } = new URL(endpoint.url);
    const idle = connect(Number(port), hostname);
    await once(idle, 'connect');
    const asked = post(endpoint, { model: 'm', messages: MESSAGES, stream: true }).catch((error: unknown) => error);
    while (endpoint.chats.length === 0) await new Promise(setImmediate);
    await Promise.all([endpoint.close(), endpoint.close()]);
    expect(await asked).toBeInstanceOf(Error);
    idle.destroy();
    await endpoint.close();
  });
});

describe('recorded solutions', () => {
  const solutions = [
    { match: 'Sort numbers.', actions: ['ls', 'python sort.py'] },
    { match: 'Count words.', actions: ['wc x'] },
  ];
  const tools = [
    {
      type: 'function',
      function: { name: 'bash', parameters: { type: 'object', properties: { command: { type: 'string' } } } },
    },
    { type: 'function', function: { name: 'submit', parameters: { type: 'object', properties: {} } } },
  ];
  const said = (text: string) => /```\n([\s\S]*)\n```/.exec(text)?.[1];

  it('are chosen by the task of the chat and played to their end, any number at once [F5]', async () => {
    await using endpoint = await ChatEndpoint.start(solutionPolicy(solutions));
    const play = async (task: string) => {
      const messages: object[] = [
        { role: 'system', content: 'You act.' },
        { role: 'user', content: `TASK: ${task} Go.` },
      ];
      const actions: (string | undefined)[] = [];
      for (let i = 0; i < 4; i++) {
        const { choices } = JSON.parse((await post(endpoint, { model: 'm', messages })).text);
        actions.push(said(choices[0].message.content));
        messages.push(choices[0].message, { role: 'user', content: 'observation' });
        // An answer that could not be read is asked for again and does not count.
        if (i === 0) messages.push({ role: 'assistant', content: 'no fence' }, { role: 'user', content: 'again' });
      }
      return actions;
    };
    expect(await Promise.all(['Sort numbers.', 'Count words.'].map(play))).toEqual([
      ['ls', 'python sort.py', 'submit', 'submit'],
      ['wc x', 'submit', 'submit', 'submit'],
    ]);
    expect((await post(endpoint, { model: 'm', messages: MESSAGES })).text).toContain('No recorded solution fits');
  });

  it('are called as tools where tools are offered [F5]', async () => {
    await using endpoint = await ChatEndpoint.start(solutionPolicy(solutions));
    const messages: object[] = [{ role: 'user', content: 'Count words.' }];
    const names: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { choices } = JSON.parse((await post(endpoint, { model: 'm', messages, tools })).text);
      const [made] = choices[0].message.tool_calls;
      names.push(`${made.function.name} ${made.function.arguments}`);
      messages.push(choices[0].message, { role: 'tool', tool_call_id: made.id, content: 'x' });
    }
    expect(names).toEqual(['bash {"command":"wc x"}', 'submit {}']);
  });

  it('of the reference pack are told apart by their descriptions [E2]', async () => {
    const recorded = await readSolutions(path.join(PROJECT_ROOT, 'packs', 'reference'));
    expect(recorded.length).toBe(9);
    expect(new Set(recorded.map(({ match }) => match)).size).toBe(9);
    expect(recorded.filter(({ match }) => match.length < 20)).toEqual([]);
    await expect(readSolutions('/nowhere')).rejects.toThrow('/nowhere/solutions holds no recorded solution');
  });
});

describe('an endpoint that misbehaves', () => {
  const rates = { rate_limit: 0.3, server_error: 0.2, empty: 0.1 };

  async function statuses(seed: number, order: readonly number[]): Promise<Record<string, string>> {
    await using endpoint = await ChatEndpoint.start(faultyPolicy(() => 'fine', { rates, seed }));
    const seen: Record<string, string> = {};
    for (const i of order) {
      for (const time of [0, 1]) {
        const { status, text } = await post(endpoint, {
          model: 'm',
          messages: [{ role: 'user', content: `chat ${i}` }],
        });
        seen[`${i}/${time}`] = `${status} ${status === 200 && JSON.parse(text).choices[0].message.content}`;
      }
    }
    return seen;
  }

  it('does so by its seed alone, in whatever order it is asked [B2]', async () => {
    const order = Array.from({ length: 30 }, (_, i) => i);
    const seen = await statuses(1, order);
    expect(await statuses(1, order.toReversed())).toEqual(seen);
    expect(await statuses(2, order)).not.toEqual(seen);
    expect(new Set(Object.values(seen))).toEqual(new Set(['200 fine', '200 ', '429 false', '503 false']));
  });

  it('leaves alone what the script itself makes of a chat [B2]', async () => {
    const turn: ChatTurn = { status: 401 };
    await using endpoint = await ChatEndpoint.start(faultyPolicy(() => turn, { rates: { rate_limit: 1 } }));
    expect((await post(endpoint, { model: 'm', messages: MESSAGES })).status).toBe(401);
  });
});
