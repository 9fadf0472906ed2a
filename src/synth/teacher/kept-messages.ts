import type { ChatMessage } from '../../agent/models/model.js';

/** @returns a chat in the words of the wire */
export function keptMessages(messages: readonly ChatMessage[]): Record<string, unknown>[] {
  return messages.map((message) => {
    if (message.role === 'tool') {
      return { role: message.role, content: message.content, tool_call_id: message.toolCallId };
    }
    if (message.role !== 'assistant') return { role: message.role, content: message.content };
    const calls = message.toolCalls ?? [];
    return { role: message.role, content: message.content, ...(calls.length > 0 && { tool_calls: calls }) };
  });
}
