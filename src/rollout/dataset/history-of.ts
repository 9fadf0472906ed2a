import { z } from 'zod';
import type { HistoryItem } from '../../agent/history/history-item.js';
import type { ToolCall } from '../../agent/models/model.js';
import type { TrajectoryFile } from '../read-trajectory.js';
import { soundText } from '../sound-text.js';

const Call = z.union([
  z.object({ id: z.string().default(''), name: z.string(), arguments: z.string() }),
  // As endpoints write calls, and SWE-agent 1 with them.
  z
    .object({ id: z.string().default(''), function: z.object({ name: z.string(), arguments: z.string() }) })
    .transform(({ id, function: called }): ToolCall => ({ id, ...called })),
]);

/** What is read of an item; all else of it is nobody's concern here. */
const Item = z.object({
  role: z.string(),
  content: z.string(),
  thought: z.string().optional().catch(undefined),
  action: z.string().optional().catch(undefined),
  is_demo: z.literal(true).optional().catch(undefined),
  tool_calls: z.array(Call).optional().catch(undefined),
  tool_call_id: z.string().optional().catch(undefined),
  tool_call_ids: z.array(z.string()).optional().catch(undefined),
});

const ROLES: Readonly<Record<string, HistoryItem['role']>> = {
  system: 'system',
  developer: 'system',
  assistant: 'assistant',
  tool: 'tool',
};

/** @returns the history of an episode from any writer, its texts sound: halves of surrogate pairs become U+FFFD */
export function historyOf(trajectory: TrajectoryFile['trajectory']): HistoryItem[] {
  return trajectory.history.map((entry): HistoryItem => {
    const { role, content, tool_calls, tool_call_id, tool_call_ids, ...rest } = Item.parse(entry);
    const id = tool_call_id ?? tool_call_ids?.[0];
    const calls = tool_calls?.map((call) => ({
      ...call,
      name: soundText(call.name),
      arguments: soundText(call.arguments),
    }));
    return {
      ...rest,
      role: ROLES[role] ?? 'user',
      content: soundText(content),
      agent: '',
      ...(calls && calls.length > 0 && { tool_calls: calls }),
      ...(id !== undefined && { tool_call_id: id }),
    };
  });
}
