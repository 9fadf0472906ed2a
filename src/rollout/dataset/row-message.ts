import type { HistoryItem } from '../../agent/history/history-item.js';
import type { ChatMessage } from '../../agent/models/model.js';
import { pythonDump } from '../../python/python-dump.js';
import { parsePythonJson } from '../../python/python-json.js';
import type { RowMessage } from './dataset-row.js';

/**
 * Arguments as a template writes the object that they are. Servers read the text of a model into an object before they show it to the
 * template again: what is learnt looks like what is seen later.
 */
function canonical(text: string): string {
  const value = parsePythonJson(text);
  return value instanceof Map ? pythonDump(value, null, false) : text;
}

/** @returns an item of a history, or a message that a model saw, as rows hold it; thinking is left out */
export function rowMessage(message: HistoryItem | ChatMessage): RowMessage {
  const { role, content } = message;
  const calls = 'tool_calls' in message ? message.tool_calls : 'toolCalls' in message ? message.toolCalls : undefined;
  if (role !== 'assistant' || !calls || calls.length === 0) return { role, content };
  const tool_calls = calls.map((call) => ({ name: call.name, arguments: canonical(call.arguments) }));
  return { role, content, tool_calls };
}
