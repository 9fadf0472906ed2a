import { parsePythonJson } from '../../python/python-json.js';
import type { ToolCall } from '../models/model.js';

function isObject(text: string): boolean {
  return parsePythonJson(text) instanceof Map;
}

/**
 * The calls of an output in a form that endpoints take back: many refuse a chat with arguments that are no JSON object, with a name
 * that no function can have, or with ids that are empty or not unique.
 */
export function sendableCalls(calls: readonly ToolCall[]): ToolCall[] {
  const taken = new Set<string>();
  return calls.map((call, index) => {
    let id = call.id === '' ? `call_${index}` : call.id;
    while (taken.has(id)) id = `${id}_${index}`;
    taken.add(id);
    const name = call.name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) || 'unknown';
    return { id, name, arguments: isObject(call.arguments) ? call.arguments : '{}' };
  });
}
