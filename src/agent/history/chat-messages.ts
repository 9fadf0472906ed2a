import type { ChatMessage, ToolCall } from '../models/model.js';
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
    const toolCalls = answeredCalls(items, index);
    if (toolCalls.length === 0) return { role, content };
    open = new Set(toolCalls.map(({ id }) => id));
    return { role, content, toolCalls, ...(item.reasoning !== undefined && { reasoning: item.reasoning }) };
  });
}

/** The calls of an item that are answered right behind it, up to the first item that answers none of them. */
function answeredCalls(items: readonly HistoryItem[], index: number): readonly ToolCall[] {
  const calls = items[index]?.tool_calls ?? [];
  const waiting = new Set(calls.map(({ id }) => id));
  for (let at = index + 1; items[at]?.role === 'tool' && waiting.delete(items[at]?.tool_call_id ?? ''); at++);
  return calls.filter(({ id }) => !waiting.has(id));
}
