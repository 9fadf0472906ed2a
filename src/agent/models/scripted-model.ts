import { EstimatedTokens } from './estimated-tokens.js';
import {
  type ChatMessage,
  type Model,
  ModelError,
  type ModelReply,
  type ModelRequest,
  type ToolCall,
} from './model.js';
import { countChat, type TokenCounter } from './token-counter.js';

/** What a script says: a text, or any part of a reply. */
export type ScriptedReply =
  | string
  | (Partial<Omit<ModelReply, 'toolCalls'>> & { toolCalls?: readonly (Omit<ToolCall, 'id'> & { id?: string })[] });

/**
 * Answers a request; `call` counts them from 0. What it throws the model throws.
 */
export type ReplyFunction = (request: ModelRequest, call: number) => ScriptedReply | Promise<ScriptedReply>;

/** Settings of models that need no endpoint. */
export interface ScriptedModelOptions {
  name?: string;
  contextTokens?: number | null;
  counter?: TokenCounter;
}

/** Says what it is told to say. A list is for one episode; a function may serve many at once. */
export class ScriptedModel implements Model {
  readonly name: string;
  readonly contextTokens: number | null;
  /** Every request so far. */
  readonly requests: ModelRequest[] = [];
  readonly #replies: readonly ScriptedReply[] | ReplyFunction;
  readonly #counter: TokenCounter;

  constructor(replies: readonly ScriptedReply[] | ReplyFunction, options: ScriptedModelOptions = {}) {
    this.name = options.name ?? 'script';
    this.contextTokens = options.contextTokens ?? null;
    this.#counter = options.counter ?? new EstimatedTokens();
    this.#replies = replies;
  }

  async query(request: ModelRequest): Promise<ModelReply> {
    request.signal?.throwIfAborted();
    const call = this.requests.push(request) - 1;
    const reply = typeof this.#replies === 'function' ? await this.#replies(request, call) : this.#replies[call];
    request.signal?.throwIfAborted();
    if (reply === undefined) {
      throw new ModelError('exhausted', `The script of ${this.name} has only ${call} answers.`, 0);
    }
    const complete = this.#complete(typeof reply === 'string' ? { text: reply } : reply, request, call);
    if (complete.reasoning) request.onReasoning?.(complete.reasoning);
    if (complete.text) request.onText?.(complete.text);
    return complete;
  }

  countTokens(messages: readonly ChatMessage[]): number {
    return countChat(messages, this.#counter);
  }

  #complete(reply: Exclude<ScriptedReply, string>, request: ModelRequest, call: number): ModelReply {
    const text = reply.text ?? '';
    const toolCalls = (reply.toolCalls ?? []).map((made, i) => ({ ...made, id: made.id ?? `call_${call}_${i}` }));
    return {
      text,
      reasoning: reply.reasoning ?? null,
      toolCalls,
      finishReason:
        reply.finishReason === undefined ? (toolCalls.length > 0 ? 'tool_calls' : 'stop') : reply.finishReason,
      refusal: reply.refusal ?? null,
      usage: reply.usage ?? {
        inputTokens: this.countTokens(request.messages),
        cachedInputTokens: 0,
        outputTokens: this.#counter.count(text + toolCalls.map((made) => made.arguments).join('')),
        estimated: true,
      },
      costUsd: reply.costUsd === undefined ? 0 : reply.costUsd,
      attempts: reply.attempts ?? 1,
      latencyMs: reply.latencyMs ?? 0,
    };
  }
}
