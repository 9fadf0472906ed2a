import type { ChatMessage } from '../models/model.js';
import type { HistoryItem } from './history-item.js';

/**
 * What endpoints take of a history: every call is followed by its answer, and every answer stands behind its call. A call whose answer
 * is not there is left out; an answer without its call becomes a message of the user. Thinking goes back only beside a call, which is
 * where endpoints ask for it.
 */
export function chatMessages(items: readonly HistoryItem[]): ChatMessage[] {
  let open = new Set<string>();
  return items.map((item, index): ChatMessage => {
    const { role, content } = item;
    if (role === 'tool') {
      const id = item.tool_call_id ?? '';
      return open.delete(id) ? { role, content, toolCallId: id } : { role: 'user', content };
    }
    open = new Set();
    if (role !== 'assistant') return { role, content };
    const answered = answersBehind(items, index);
    const toolCalls = (item.tool_calls ?? []).filter(({ id }) => answered.has(id));
    if (toolCalls.length === 0) return { role, content };
    open = new Set(toolCalls.map(({ id }) => id));
    return { role, content, toolCalls, ...(item.reasoning !== undefined && { reasoning: item.reasoning }) };
  });
}

function answersBehind(items: readonly HistoryItem[], index: number): Set<string> {
  const ids = new Set<string>();
  for (let at = index + 1; items[at]?.role === 'tool'; at++) ids.add(items[at]?.tool_call_id ?? '');
  return ids;
}
