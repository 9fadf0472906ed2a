import { createHash } from 'node:crypto';
import { type ChatRequest, messageText } from './chat-request.js';

const BYTES_PER_TOKEN = 4;
/** As the API has it: nothing below this is read from the cache, and what is comes in such pieces. */
const LEAST_TOKENS = 1024;
const STEP_TOKENS = 128;
const KEPT_PREFIXES = 10_000;

/** Remembers the beginnings of chats, as endpoints do for their prompt cache. */
export class PromptCache {
  #seen = new Set<string>();

  /** @returns tokens of a chat, and how many of them were seen before at its beginning */
  count(messages: ChatRequest['messages']): { prompt_tokens: number; cached_tokens: number } {
    const hash = createHash('sha256');
    let tokens = 3;
    let cached = 0;
    if (this.#seen.size > KEPT_PREFIXES) this.#seen = new Set();
    for (const message of messages) {
      tokens +=
        4 +
        tokensOf(messageText(message)) +
        tokensOf(JSON.stringify('tool_calls' in message ? message.tool_calls : ''));
      const prefix = hash.update(JSON.stringify(message)).copy().digest('base64');
      if (this.#seen.has(prefix)) cached = tokens;
      else this.#seen.add(prefix);
    }
    return { prompt_tokens: tokens, cached_tokens: cached < LEAST_TOKENS ? 0 : cached - (cached % STEP_TOKENS) };
  }
}

/** @returns about how many tokens a text has */
export function tokensOf(text: string | undefined): number {
  return Math.ceil(Buffer.byteLength(text ?? '') / BYTES_PER_TOKEN);
}
