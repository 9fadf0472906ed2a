import type { TurnTokens } from '../../labels/labels.js';
import type { Chat } from './chat.js';
import { ChatText } from './chat-text.js';
import { isQuery } from './is-query.js';
import { lossTokens } from './loss-tokens.js';
import { splitThinking } from './split-thinking.js';
import { type TurnForm, writeMessage, writeOpening } from './write-message.js';

/** Tokens of a message, and of them those that are learnt. */
interface Weight {
  tokens: number;
  loss: number;
}

/** Writes something, and says where the words of an assistant are in it. */
type Writing = (text: ChatText) => { begin: number; end: number } | null;

const NONE: Weight = { tokens: 0, loss: 0 };

function plus(a: Weight, b: Weight, sign = 1): Weight {
  return { tokens: a.tokens + sign * b.tokens, loss: a.loss + sign * b.loss };
}

/**
 * Tokens of a chat cut behind each of its assistant turns: what the tokenizer makes of `renderChat` for the messages up to that turn,
 * with every text counted once. (The last turn of a chat is written otherwise than the same turn in its middle.)
 * @param count tokens of a segment's text
 */
export function cutTokens(chat: Chat & { learnt: readonly boolean[] }, count: (text: string) => number): TurnTokens {
  const { messages, learnt } = chat;
  const cuts: TurnTokens = { ends: [], losses: [] };
  const opening: Writing = (text) => {
    writeOpening(text, chat);
    return null;
  };
  let sum = weigh(opening, false, count);
  let hasQuery = false;
  // What turns behind the last query take more than they will once another query follows.
  let shownMore = NONE;
  messages.forEach((message, index) => {
    if (message.role === 'system' && index === 0) return;
    const counts = rememberedCount(count);
    const as = (form: TurnForm) =>
      weigh((text) => writeMessage(text, messages, index, form), learnt[index] === true, counts);
    const hidden = as('hidden');
    if (isQuery(message)) {
      sum = plus(sum, shownMore, -1);
      [hasQuery, shownMore] = [true, NONE];
    }
    if (message.role === 'assistant') {
      const end = plus(sum, hasQuery ? as('last') : hidden);
      cuts.ends.push(end.tokens);
      cuts.losses.push(end.loss);
    }
    sum = plus(sum, hidden);
    if (message.role !== 'assistant' || !hasQuery) return;
    if (!splitThinking(message.content, message.reasoning_content).isThinking) return;
    const more = plus(as('shown'), hidden, -1);
    sum = plus(sum, more);
    shownMore = plus(shownMore, more);
  });
  return cuts;
}

function weigh(write: Writing, isLearnt: boolean, count: (text: string) => number): Weight {
  const text = new ChatText();
  const words = write(text);
  const tokens = text.segments.reduce((sum, segment) => sum + count(segment.text), 0);
  return { tokens, loss: isLearnt && words ? lossTokens(text, [words], count) : 0 };
}

/** The forms of a turn hold the same texts. */
function rememberedCount(count: (text: string) => number): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const tokens = known.get(text) ?? count(text);
    known.set(text, tokens);
    return tokens;
  };
}
