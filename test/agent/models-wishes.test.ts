import { describe, expect, it } from 'vitest';
import type { AnswerWishes, ResponseFormat } from '../../src/agent/models/model.js';
import { OpenAiModel } from '../../src/agent/models/openai-model.js';
import { ChatEndpoint, type ChatEndpointOptions } from '../../src/testing/index.js';
import { ManualClock } from './manual-clock.js';

const schema = {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
  additionalProperties: false,
};
const FORMAT: ResponseFormat = { name: 'proposal', schema, isStrict: true };
const JSON_PLEASE = [{ role: 'user', content: 'Answer in JSON' }] as const;

/** Asks twice and tells what was sent. */
async function sent(options: ChatEndpointOptions, wishes: AnswerWishes, settings = {}) {
  await using endpoint = await ChatEndpoint.start(['one', 'two'], options);
  const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url, clock: new ManualClock(), ...settings });
  const replies = [
    await model.query({ messages: JSON_PLEASE, ...wishes }),
    await model.query({ messages: JSON_PLEASE, ...wishes }),
  ];
  expect(replies.map(({ text }) => text)).toEqual(['one', 'two']);
  return endpoint.chats.map(({ body }) => body as Record<string, unknown> & { response_format?: { type: string } });
}

describe('wishes of one request', () => {
  it('reach the endpoint, over what the model is set up with [B2]', async () => {
    const wishes = { format: FORMAT, temperature: 0.5, topP: 0.9, maxTokens: 99, seed: 4 };
    const [first] = await sent({}, wishes, { temperature: 0, seed: 1, maxTokens: 7 });
    expect(first).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'proposal', schema, strict: true } },
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 99,
      seed: 4,
    });
  });

  it('are not sent where there are none [B2]', async () => {
    const [first] = await sent({}, {});
    expect(Object.keys(first ?? {}).sort()).toEqual(['messages', 'model', 'stream', 'stream_options']);
  });

  it.each<[string, ChatEndpointOptions, (string | undefined)[]]>([
    ['takes schemas', {}, ['json_schema', 'json_schema']],
    ['takes only JSON', { formats: ['json_object'] }, ['json_schema', 'json_object', 'json_object']],
    ['takes no form', { formats: [] }, ['json_schema', 'json_object', undefined, undefined]],
    ['does not know the field', { refuses: ['response_format'] }, ['json_schema', 'json_object', undefined, undefined]],
  ])('ask for JSON as an endpoint takes it that %s, which is learned once [B2]', async (_name, options, expected) => {
    const bodies = await sent(options, { format: FORMAT });
    expect(bodies.map((body) => body.response_format?.type)).toEqual(expected);
  });

  it('with a schema that is refused leave other schemas as they are [B2]', async () => {
    await using endpoint = await ChatEndpoint.start(['one', 'two']);
    const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url, clock: new ManualClock() });
    const bad = { ...FORMAT, schema: { type: 'object', properties: {} } };
    await model.query({ messages: JSON_PLEASE, format: bad });
    await model.query({ messages: JSON_PLEASE, format: FORMAT });
    const types = endpoint.chats.map(
      ({ body }) => (body as { response_format: { type: string } }).response_format.type,
    );
    expect(types).toEqual(['json_schema', 'json_object', 'json_schema']);
  });

  it.each(['temperature', 'top_p', 'seed'])(
    'leave out the %s that a model chooses itself, from then on [B2]',
    async (field) => {
      const bodies = await sent({ refuses: [field] }, { temperature: 0.5, topP: 0.9, seed: 4 });
      expect(bodies.map((body) => field in body)).toEqual([true, false, false]);
    },
  );

  it.each<[string, number, string, string]>([
    [
      '400',
      400,
      "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default (1) value is supported.",
      'temperature',
    ],
    [
      '422',
      422,
      'Failed to deserialize the JSON body into the target type: response_format: response_format.type `json_schema` is unavailable now at line 1 column 9',
      'json_schema',
    ],
    ['405', 405, 'json_object response format is not supported for model: x', 'json_schema'],
  ])('are given up in the words of known endpoints, status %s [B2]', async (_name, status, message, field) => {
    await using endpoint = await ChatEndpoint.start([{ status, message }, 'one']);
    const model = new OpenAiModel({ model: 'm', baseUrl: endpoint.url, clock: new ManualClock() });
    const { text } = await model.query({ messages: JSON_PLEASE, format: FORMAT, temperature: 0.5 });
    expect(text).toBe('one');
    const sent = endpoint.chats.map(({ body }) => JSON.stringify(body).includes(`"${field}"`));
    expect(sent).toEqual([true, false]);
  });

  it('learn the name of the bound of answers that only they set [B2]', async () => {
    const bodies = await sent({ refuses: ['max_tokens'] }, { maxTokens: 9 });
    expect(bodies.map((body) => [body.max_tokens, body.max_completion_tokens])).toEqual([
      [9, undefined],
      [undefined, 9],
      [undefined, 9],
    ]);
  });
});
