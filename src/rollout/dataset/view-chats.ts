import type { HistoryItem } from '../../agent/history/history-item.js';
import type { ChatMessage } from '../../agent/models/model.js';
import type { TrajectoryFile } from '../read-trajectory.js';
import type { View } from './dataset-settings.js';
import { episodeChat, type LearntChat } from './episode-chat.js';
import { historyOf } from './history-of.js';
import { isLearnt, upToLastLearnt } from './is-learnt.js';
import { offeredTools } from './offered-tools.js';
import { recordedView } from './recorded-view.js';
import { rowMessage } from './row-message.js';

/** The chats that become rows of a trajectory. */
export interface ViewChats {
  /** With the number of the answer, from 1, where each is a row; null: the chat is the whole episode. */
  chats: Iterable<{ turn: number | null; chat: LearntChat }>;
  /** The file does not say what the model saw: the chat is the full one. */
  isUnknown: boolean;
}

/** @returns the chats of a trajectory as a view has them, none where there is nothing to learn */
export function viewChats(trajectory: TrajectoryFile['trajectory'], view: View): ViewChats {
  if (view === 'full') return { chats: whole(episodeChat(trajectory)), isUnknown: false };
  const seen = recordedView(trajectory);
  if (seen === null) return { chats: whole(episodeChat(trajectory)), isUnknown: true };
  const items = upToLastLearnt(historyOf(trajectory));
  const tools = offeredTools(trajectory);
  if (view === 'turns') return { chats: answers(items, tools, seen), isUnknown: false };
  const last = items.at(-1);
  if (!last) return { chats: [], isUnknown: false };
  const before = items.slice(0, -1);
  const messages = seen(before);
  const learnt = [...stillLearnt(before, messages), true];
  return {
    chats: whole({ messages: [...messages.map(rowMessage), rowMessage(last)], tools, learnt }),
    isUnknown: false,
  };
}

function whole(chat: LearntChat): ViewChats['chats'] {
  return chat.messages.length === 0 ? [] : [{ turn: null, chat }];
}

function* answers(
  items: readonly HistoryItem[],
  tools: readonly string[],
  seen: (items: readonly HistoryItem[]) => ChatMessage[],
): ViewChats['chats'] {
  let turn = 0;
  for (const [index, item] of items.entries()) {
    if (item.role === 'assistant' && item.is_demo !== true) turn++;
    if (!isLearnt(item)) continue;
    const messages = [...seen(items.slice(0, index)).map(rowMessage), rowMessage(item)];
    yield { turn, chat: { messages, tools, learnt: messages.map((_, at) => at === messages.length - 1) } };
  }
}

/** A processor may change what a model said: that is shown to it, and not learnt. No processor drops an assistant's turn. */
function stillLearnt(items: readonly HistoryItem[], messages: readonly ChatMessage[]): boolean[] {
  const said = items.filter(({ role }) => role === 'assistant');
  let next = 0;
  return messages.map((message) => {
    if (message.role !== 'assistant') return false;
    const item = said[next++];
    return item !== undefined && isLearnt(item) && item.content === message.content;
  });
}
