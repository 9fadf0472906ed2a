import { randomBytes } from 'node:crypto';
import type { ChatRequest } from './chat-request.js';
import type { AnswerTurn } from './chat-turn.js';
import { tokensOf } from './prompt-cache.js';

/** What all parts of one answer repeat. */
interface Head {
  id: string;
  object: string;
  created: number;
  model: string;
  service_tier: string;
  system_fingerprint: string;
}

interface Call {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** One answer in the shapes of the API. */
export class Completion {
  readonly #head: Omit<Head, 'object'>;
  readonly #calls: Call[];
  readonly #finish: string | null;
  /** Null: the endpoint says nothing of it. */
  readonly usage: Record<string, unknown> | null;

  /** @param counted of the prompt */
  constructor(
    private readonly turn: AnswerTurn,
    private readonly request: ChatRequest,
    counted: { prompt_tokens: number; cached_tokens: number },
  ) {
    const { service_tier, system_fingerprint } = { service_tier: 'default', system_fingerprint: 'fp_standin' };
    const created = Math.floor(Date.now() / 1000);
    this.#head = {
      id: `chatcmpl-${randomBytes(12).toString('hex')}`,
      created,
      model: request.model,
      service_tier,
      system_fingerprint,
    };
    this.#calls = (turn.tool_calls ?? []).map(({ id, name, arguments: args }) => ({
      id: id ?? `call_${randomBytes(12).toString('hex')}`,
      type: 'function',
      function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
    }));
    this.#finish =
      turn.finish_reason === undefined ? (this.#calls.length > 0 ? 'tool_calls' : 'stop') : turn.finish_reason;
    this.usage = turn.usage === null ? null : this.#usage(counted);
  }

  /** The answer as one body. */
  whole(): Record<string, unknown> {
    const { turn } = this;
    const message = {
      role: 'assistant',
      content: this.#content(),
      refusal: turn.refusal ?? null,
      annotations: [],
      ...(turn.reasoning !== undefined && { [turn.reasoning_field]: turn.reasoning }),
      ...(this.#calls.length > 0 && { tool_calls: this.#calls }),
    };
    return {
      ...this.#head,
      object: 'chat.completion',
      choices: [{ index: 0, message, logprobs: null, finish_reason: this.#finish }],
      ...(this.usage && { usage: this.usage }),
    };
  }

  /** The answer as the pieces of a stream: the role first, usage last where it was asked for. */
  *pieces(): Generator<Record<string, unknown>> {
    const { turn } = this;
    const hasText = Boolean(turn.text || turn.reasoning || turn.refusal);
    // A call that nothing is said before opens the stream itself.
    const [opening] = hasText ? [] : this.#calls;
    yield this.#piece({
      role: 'assistant',
      content: turn.text === null || opening ? null : '',
      ...(opening && { tool_calls: [this.#callHead(opening, 0)] }),
      refusal: null,
    });
    for (const text of this.#parts(turn.reasoning ?? '')) yield this.#piece({ [turn.reasoning_field]: text });
    do {
      for (const text of this.#parts(turn.text ?? '')) yield this.#piece({ content: text });
    } while (turn.endless && turn.text);
    for (const text of this.#parts(turn.refusal ?? '')) yield this.#piece({ refusal: text });
    for (const [i, call] of this.#calls.entries()) {
      if (call !== opening) yield this.#piece({ tool_calls: [this.#callHead(call, i)] });
      yield* this.#callPieces(call, i);
    }
    if (this.#finish !== null) yield this.#piece({}, this.#finish);
    if (this.#isUsageAsked && this.usage) yield { ...this.#streamHead(), choices: [], usage: this.usage };
  }

  *#callPieces(call: Call, index: number): Generator<Record<string, unknown>> {
    for (const text of this.#parts(call.function.arguments)) {
      yield this.#piece({ tool_calls: [{ index, function: { arguments: text } }] });
    }
  }

  #callHead(call: Call, index: number): Record<string, unknown> {
    return { index, ...call, function: { name: call.function.name, arguments: '' } };
  }

  #piece(delta: Record<string, unknown>, finish: string | null = null): Record<string, unknown> {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
    return { ...this.#streamHead(), choices, ...(this.#isUsageAsked && { usage: null }) };
  }

  #streamHead(): Head {
    const { id, ...rest } = this.#head;
    return { id, object: 'chat.completion.chunk', ...rest };
  }

  get #isUsageAsked(): boolean {
    return this.request.stream_options?.include_usage === true;
  }

  /** Pieces of a text; no character is split. */
  *#parts(text: string): Generator<string> {
    const characters = [...text];
    const size = this.turn.piece_characters;
    for (let i = 0; i < characters.length; i += size) yield characters.slice(i, i + size).join('');
  }

  #content(): string | null {
    const { text } = this.turn;
    if (text !== undefined) return text;
    return this.#calls.length > 0 || this.turn.refusal !== undefined ? null : '';
  }

  #usage(counted: { prompt_tokens: number; cached_tokens: number }): Record<string, unknown> {
    const { turn } = this;
    const reasoning = tokensOf(turn.reasoning);
    const said =
      tokensOf(turn.text ?? '') +
      tokensOf(turn.refusal) +
      tokensOf(this.#calls.map((call) => call.function.arguments).join(''));
    const given = turn.usage ?? { ...counted, completion_tokens: reasoning + said };
    return {
      prompt_tokens: given.prompt_tokens,
      completion_tokens: given.completion_tokens,
      total_tokens: given.prompt_tokens + given.completion_tokens,
      prompt_tokens_details: { cached_tokens: given.cached_tokens, audio_tokens: 0 },
      completion_tokens_details: {
        reasoning_tokens: reasoning,
        audio_tokens: 0,
        accepted_prediction_tokens: 0,
        rejected_prediction_tokens: 0,
      },
    };
  }
}
