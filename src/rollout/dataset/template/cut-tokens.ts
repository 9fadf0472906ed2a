import type { Chat } from './chat.js';
import { ChatText } from './chat-text.js';
import { isQuery } from './is-query.js';
import { splitThinking } from './split-thinking.js';
import { type TurnForm, writeMessage, writeOpening } from './write-message.js';

/**
 * Tokens of a chat cut behind each of its assistant turns: what the tokenizer makes of `renderChat` for the messages up to that turn,
 * with every message counted once. (The last turn of a chat is written otherwise than the same turn in its middle.)
 * @param count tokens of a segment's text
 * @returns in the order of the turns
 */
export function cutTokens(chat: Chat, count: (text: string) => number): number[] {
  const { messages } = chat;
  const tokensOf = (write: (text: ChatText) => void): number => {
    const text = new ChatText();
    write(text);
    return text.segments.reduce((sum, segment) => sum + count(segment.text), 0);
  };
  const ends: number[] = [];
  let sum = tokensOf((text) => writeOpening(text, chat));
  let hasQuery = false;
  // What turns behind the last query take more than they will once another query follows.
  let shownMore = 0;
  messages.forEach((message, index) => {
    if (message.role === 'system' && index === 0) return;
    const as = (form: TurnForm) => tokensOf((text) => writeMessage(text, messages, index, form));
    const hidden = as('hidden');
    if (isQuery(message)) {
      sum -= shownMore;
      [hasQuery, shownMore] = [true, 0];
    }
    sum += hidden;
    if (message.role !== 'assistant') return;
    ends.push(sum + (hasQuery ? as('last') - hidden : 0));
    if (!hasQuery || splitThinking(message.content, message.reasoning_content).thinking === '') return;
    const more = as('shown') - hidden;
    sum += more;
    shownMore += more;
  });
  return ends;
}
