import type { Answer, AnswerUsage } from './answer.js';
import type { CallShape, ContentShape, MessageShape, UsageShape } from './chat-shapes.js';
import type { ToolCall } from './model.js';

/** Takes what arrives of an answer, as it arrives. */
export interface AnswerListener {
  onText?: (delta: string) => void;
  onReasoning?: (delta: string) => void;
}

/** Far beyond what anybody carries out: what a model that does not stop calls after these is added to the last one. */
const MAX_CALLS = 128;

interface CallInMaking {
  index: number | null;
  id: string;
  name: string;
  arguments: string;
}

/** Puts an answer together from one message, or from the pieces of a stream. */
export class AnswerBuilder {
  #text = '';
  #reasoning = '';
  #refusal = '';
  #calls: CallInMaking[] = [];
  #finishReason: string | null = null;
  #usage: AnswerUsage | null = null;
  #hasMessage = false;

  constructor(private readonly listener: AnswerListener) {}

  /** Whether the endpoint said that the answer is at its end. */
  get isFinished(): boolean {
    return this.#finishReason !== null;
  }

  /** Whether there was any message, be it an empty one. */
  get hasMessage(): boolean {
    return this.#hasMessage;
  }

  /** @param message a whole message or the difference to what came before */
  add(message: MessageShape | null | undefined, finishReason: string | null | undefined): void {
    this.#hasMessage = true;
    if (finishReason) this.#finishReason = finishReason;
    if (!message) return;
    const reasoning = (message.reasoning_content ?? message.reasoning ?? '') + thinkingOf(message.content);
    const text = textOf(message.content);
    this.#reasoning += reasoning;
    this.#text += text;
    this.#refusal += message.refusal ?? '';
    for (const call of message.tool_calls ?? []) this.#addCall(call);
    if (reasoning !== '') this.listener.onReasoning?.(reasoning);
    if (text !== '') this.listener.onText?.(text);
  }

  addUsage(usage: UsageShape | null | undefined): void {
    if (!usage) return;
    this.#usage = {
      inputTokens: usage.prompt_tokens,
      cachedInputTokens:
        usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens ?? 0,
      outputTokens: usage.completion_tokens ?? 0,
    };
  }

  build(): Answer {
    const toolCalls: ToolCall[] = this.#calls.map((call, i) => ({
      id: call.id === '' ? `call_${i}` : call.id,
      name: call.name,
      arguments: call.arguments,
    }));
    return {
      text: this.#text,
      reasoning: this.#reasoning === '' ? null : this.#reasoning,
      toolCalls,
      finishReason: this.#finishReason,
      refusal: this.#refusal === '' ? null : this.#refusal,
      usage: this.#usage,
    };
  }

  #addCall(piece: CallShape): void {
    const call = this.#callOf(piece);
    if (piece.id) call.id = piece.id;
    const { name, arguments: args } = piece.function ?? {};
    // Some endpoints repeat the whole name with every piece.
    if (name && name !== call.name) call.name += name;
    if (args) call.arguments += typeof args === 'string' ? args : JSON.stringify(args);
  }

  /** Pieces belong together by index; endpoints that leave it out, or give every call the same, are told apart by id. */
  #callOf(piece: CallShape): CallInMaking {
    const index = piece.index ?? null;
    const isOther = (call: CallInMaking) => Boolean(piece.id) && call.id !== '' && call.id !== piece.id;
    const known =
      index === null
        ? piece.id
          ? this.#calls.find((call) => call.id === piece.id)
          : this.#calls.at(-1)
        : this.#calls.findLast((call) => call.index === index && !isOther(call));
    if (known) return known;
    const last = this.#calls.at(-1);
    if (last && this.#calls.length >= MAX_CALLS) return last;
    const made = { index, id: '', name: '', arguments: '' };
    this.#calls.push(made);
    return made;
  }
}

function textOf(content: ContentShape): string {
  if (!Array.isArray(content)) return content ?? '';
  return content.map((part) => (part.type === 'thinking' ? '' : (part.text ?? ''))).join('');
}

/** Thinking that stands between the parts of the content. */
function thinkingOf(content: ContentShape): string {
  if (!Array.isArray(content)) return '';
  return content
    .map((part) => (part.type === 'thinking' ? (part.text ?? textOf(part.thinking as ContentShape)) : ''))
    .join('');
}
