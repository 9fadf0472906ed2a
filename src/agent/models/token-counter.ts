import type { ChatMessage } from './model.js';

/** Counts tokens of texts. */
export interface TokenCounter {
  /** False: the numbers are guesses from the length of the texts. */
  readonly isExact: boolean;
  count(text: string): number;
}

/** What chat templates write around one message: two marks, the role, a line break. */
const TOKENS_AROUND_MESSAGE = 5;

/** @returns tokens of a chat as templates of the ChatML kind write it, the beginning of the answer included */
export function countChat(messages: readonly ChatMessage[], counter: TokenCounter): number {
  let sum = 3;
  for (const message of messages) {
    sum += TOKENS_AROUND_MESSAGE + counter.count(message.content);
    if (message.role !== 'assistant') continue;
    for (const call of message.toolCalls ?? []) sum += counter.count(`${call.name}${call.arguments}`) + 10;
  }
  return sum;
}
