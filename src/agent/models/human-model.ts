import { createInterface, type Interface } from 'node:readline';
import { shownText } from '../shown-text.js';
import { EstimatedTokens } from './estimated-tokens.js';
import { type ChatMessage, type Model, ModelError, type ModelReply, type ModelRequest } from './model.js';
import { countChat } from './token-counter.js';

/** Where a person is. */
export interface HumanTerminal {
  input: NodeJS.ReadableStream;
  output: NodeJS.WritableStream;
}

/** Words that open and close an action of many lines that is no command. */
const BEGIN_LINES = 'start_multiline_command';
const END_LINES = 'end_multiline_command';

/** A person at a terminal, who types actions. */
export class HumanModel implements Model {
  readonly name = 'human';
  readonly contextTokens = null;
  readonly answersWithAction = true;
  readonly #counter = new EstimatedTokens();
  #lines: { reader: Interface; waiting: AsyncIterator<string> } | null = null;

  /** @param endNames the words that end commands of many lines, by command: `edit` -> `end_of_edit` */
  constructor(
    private readonly terminal: HumanTerminal,
    private readonly endNames: Readonly<Record<string, string>> = {},
  ) {}

  async query({ messages, signal }: ModelRequest): Promise<ModelReply> {
    const last = shownText(messages.at(-1)?.content ?? '');
    this.terminal.output.write(`${last.endsWith(' ') || last === '' ? last : `${last} `}`);
    const text = await this.#readAction(signal);
    return {
      text,
      reasoning: null,
      toolCalls: [],
      finishReason: 'stop',
      refusal: null,
      usage: { inputTokens: 0, cachedInputTokens: 0, outputTokens: 0, estimated: false },
      costUsd: 0,
      attempts: 1,
      latencyMs: 0,
    };
  }

  countTokens(messages: readonly ChatMessage[]): number {
    return countChat(messages, this.#counter);
  }

  async #readAction(signal: AbortSignal | undefined): Promise<string> {
    const first = await this.#readLine(signal);
    const [command = ''] = first.trim().split(/\s+/);
    const isFree = command === BEGIN_LINES;
    const end = isFree ? END_LINES : Object.hasOwn(this.endNames, command) ? this.endNames[command] : undefined;
    if (end === undefined) return first;
    const lines = isFree ? [] : [first];
    for (;;) {
      this.terminal.output.write('... ');
      const line = await this.#readLine(signal);
      if (line.trimEnd() !== end) lines.push(line);
      else return [...lines, ...(isFree ? [] : [line])].join('\n');
    }
  }

  async #readLine(signal: AbortSignal | undefined): Promise<string> {
    signal?.throwIfAborted();
    this.#lines ??= open(this.terminal);
    const { reader, waiting } = this.#lines;
    const close = () => reader.close();
    signal?.addEventListener('abort', close, { once: true });
    const next = await waiting.next();
    signal?.removeEventListener('abort', close);
    signal?.throwIfAborted();
    if (next.done) throw new ModelError('exhausted', 'The terminal was closed.', 0);
    return next.value;
  }
}

function open({ input, output }: HumanTerminal): { reader: Interface; waiting: AsyncIterator<string> } {
  const isTerminal = (input as NodeJS.ReadStream).isTTY === true;
  const reader = createInterface({ input, output: isTerminal ? output : undefined, terminal: isTerminal });
  return { reader, waiting: reader[Symbol.asyncIterator]() };
}
