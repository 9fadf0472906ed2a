import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/agent/models/answer.js';
import { CutAnswer, GarbageAnswer } from '../../src/agent/models/endpoint-error.js';
import { readAnswer } from '../../src/agent/models/read-answer.js';
import { AnswerTurn } from '../../src/testing/chat-endpoint/chat-turn.js';
import { Completion } from '../../src/testing/chat-endpoint/completion.js';

const PROGRESS = { onBytes() {}, onFinished() {} };
const COUNTED = { prompt_tokens: 3, cached_tokens: 0 };

/** A response whose body arrives in given pieces and then ends, or breaks. */
function response(chunks: readonly Uint8Array[], broken?: Error): Response {
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(chunk);
        await null;
      }
      if (broken) controller.error(broken);
      else controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

function read(chunks: readonly Uint8Array[], broken?: Error): Promise<Answer> {
  return readAnswer(response(chunks, broken), new AbortController(), {}, PROGRESS);
}

function readEvents(events: readonly unknown[], end = 'data: [DONE]\n\n'): Promise<Answer> {
  return read([Buffer.from(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') + end)]);
}

function delta(difference: object, finish: string | null = null): unknown {
  return { choices: [{ index: 0, delta: difference, finish_reason: finish }] };
}

function split(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, i) => bytes.subarray(from, [...cuts, bytes.length][i]));
}

const text = fc.string({ unit: 'grapheme', maxLength: 60 });
const turn = fc
  .record({
    text,
    reasoning: text,
    tool_calls: fc.array(fc.record({ id: fc.uuid(), name: fc.constantFrom('bash', 'edit'), arguments: text }), {
      maxLength: 3,
    }),
    piece_characters: fc.integer({ min: 1, max: 9 }),
  })
  .map((fields) => AnswerTurn.parse(fields));

const streamed = fc.record({
  turn,
  lineEnd: fc.constantFrom('\n', '\r\n'),
  space: fc.constantFrom('', ' '),
  comments: fc.array(fc.nat(200), { maxLength: 4 }),
  places: fc.array(fc.nat(20_000), { maxLength: 40 }),
});

/** The bytes of a stream, with comments between its events. */
function bytesOf({
  turn,
  lineEnd,
  space,
  comments,
}: Omit<Parameters<typeof streamed.map>[0] extends (value: infer T) => unknown ? T : never, 'places'>): Buffer {
  const request = { model: 'm', messages: [], stream_options: { include_usage: true } };
  const pieces = [...new Completion(turn, request as never, COUNTED).pieces()].map((piece) => JSON.stringify(piece));
  const events = [...pieces, '[DONE]'].map((data) => `data:${space}${data}${lineEnd}${lineEnd}`);
  for (const place of comments) events.splice(place % events.length, 0, `: still here${lineEnd}${lineEnd}`);
  return Buffer.from(events.join(''));
}

describe('streams', () => {
  it('are the same answer however their bytes are cut into pieces [D2]', async () => {
    await fc.assert(
      fc.asyncProperty(streamed, async ({ places, ...rest }) => {
        const answer = await read(split(bytesOf(rest), places));
        expect(answer).toMatchObject({
          text: rest.turn.text,
          reasoning: rest.turn.reasoning || null,
          toolCalls: rest.turn.tool_calls,
          finishReason: rest.turn.tool_calls?.length ? 'tool_calls' : 'stop',
        });
        expect(answer.usage?.inputTokens).toBe(3);
      }),
      { numRuns: 200 },
    );
  });

  it('that break anywhere are the whole answer or none [B2]', async () => {
    const broken = fc.option(fc.constant(new TypeError('terminated')), { nil: undefined });
    await fc.assert(
      fc.asyncProperty(streamed, fc.nat(20_000), broken, async ({ places, ...rest }, at, error) => {
        const bytes = bytesOf(rest);
        const answer = await read(split(bytes.subarray(0, at % bytes.length), places), error).catch(
          (reason: unknown) => reason,
        );
        if (answer instanceof Error) {
          const known = [CutAnswer, GarbageAnswer, SyntaxError, TypeError];
          expect(known.some((kind) => answer instanceof kind)).toBe(true);
        } else {
          expect(answer).toMatchObject({ text: rest.turn.text, toolCalls: rest.turn.tool_calls });
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, unknown[], object[]]>([
    [
      'without an index, by id',
      [
        delta({ tool_calls: [{ id: 'a', function: { name: 'bash', arguments: '{"x"' } }] }),
        delta({ tool_calls: [{ id: 'a', function: { arguments: ':1}' } }] }),
        delta({ tool_calls: [{ id: 'b', function: { name: 'edit', arguments: '{}' } }] }),
      ],
      [
        { id: 'a', name: 'bash', arguments: '{"x":1}' },
        { id: 'b', name: 'edit', arguments: '{}' },
      ],
    ],
    [
      'all with index 0 and ids of their own',
      [
        delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'bash', arguments: '{}' } }] }),
        delta({ tool_calls: [{ index: 0, id: 'b', function: { name: 'bash', arguments: '{"y"' } }] }),
        delta({ tool_calls: [{ index: 0, function: { arguments: ':2}' } }] }),
      ],
      [
        { id: 'a', name: 'bash', arguments: '{}' },
        { id: 'b', name: 'bash', arguments: '{"y":2}' },
      ],
    ],
    [
      'whose name comes with every piece, or in pieces',
      [
        delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'bash', arguments: '{' } }] }),
        delta({ tool_calls: [{ index: 0, id: 'a', function: { name: 'bash', arguments: '}' } }] }),
        delta({ tool_calls: [{ index: 1, id: 'b', function: { name: 'sub' } }] }),
        delta({ tool_calls: [{ index: 1, function: { name: 'mit', arguments: '{}' } }] }),
      ],
      [
        { id: 'a', name: 'bash', arguments: '{}' },
        { id: 'b', name: 'submit', arguments: '{}' },
      ],
    ],
    [
      'without an id, mixed, and with an object for arguments',
      [
        delta({
          tool_calls: [
            { index: 0, function: { name: 'bash', arguments: '{"a"' } },
            { index: 1, function: { name: 'edit', arguments: { b: 2 } } },
          ],
        }),
        delta({ tool_calls: [{ index: 0, function: { arguments: ':1}' } }] }),
      ],
      [
        { id: 'call_0', name: 'bash', arguments: '{"a":1}' },
        { id: 'call_1', name: 'edit', arguments: '{"b":2}' },
      ],
    ],
  ])('put calls together that come %s [D2]', async (_name, events, calls) => {
    expect((await readEvents([...events, delta({}, 'tool_calls')])).toolCalls).toEqual(calls);
  });

  it('may say null where they say nothing, hold other choices, and parts instead of a text [D2]', async () => {
    const answer = await readEvents([
      {
        choices: [{ index: 0, delta: { role: 'assistant', content: null, tool_calls: null, reasoning_content: null } }],
        usage: null,
      },
      {
        choices: [
          { index: 1, delta: { content: 'other' } },
          {
            index: 0,
            delta: {
              content: [
                { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
                { type: 'text', text: 'yes' },
              ],
            },
          },
        ],
      },
      { choices: [{ index: 0, delta: null, finish_reason: 'stop' }] },
      {
        choices: null,
        usage: { prompt_tokens: 5, completion_tokens: null, prompt_tokens_details: null, prompt_cache_hit_tokens: 2 },
      },
    ]);
    expect(answer).toEqual({
      text: 'yes',
      reasoning: 'hm',
      toolCalls: [],
      finishReason: 'stop',
      refusal: null,
      usage: { inputTokens: 5, cachedInputTokens: 2, outputTokens: 0 },
    });
  });
});
