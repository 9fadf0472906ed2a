import { z } from 'zod';
import { readYaml } from '../../yaml/yaml.js';
import type { HistoryItem } from '../history/history-item.js';

/** An item of a demonstration; old recordings name no agent. */
export type DemonstrationItem = Omit<HistoryItem, 'agent'> & { agent?: string };

const Part = z.looseObject({ type: z.literal('text'), text: z.string() });

/** A call as the wire of chat completions has it, which SWE-agent 1 keeps, or as items of ours have it. */
const Call = z.union([
  z
    .looseObject({ id: z.string(), function: z.looseObject({ name: z.string(), arguments: z.string() }) })
    .transform(({ id, function: { name, arguments: args } }) => ({ id, name, arguments: args })),
  z.object({ id: z.string(), name: z.string(), arguments: z.string() }),
]);

const Item = z
  .object({
    role: z.enum(['system', 'user', 'assistant', 'tool']),
    content: z
      .union([z.string(), z.array(Part).transform((parts) => parts.map(({ text }) => text).join('\n'))])
      .nullish(),
    agent: z.string().nullish(),
    thought: z.string().nullish(),
    action: z.string().nullish(),
    tool_calls: z.array(Call).nullish(),
    tool_call_id: z.string().nullish(),
    tool_call_ids: z.array(z.string()).nullish(),
  })
  .transform(({ role, content, tool_call_ids: ids, tool_calls: calls, ...rest }): DemonstrationItem => {
    const id = rest.tool_call_id ?? ids?.[0] ?? null;
    const { agent, thought, action } = rest;
    return {
      role,
      content: content ?? '',
      ...(typeof agent === 'string' && { agent }),
      ...(typeof thought === 'string' && { thought }),
      ...(typeof action === 'string' && { action }),
      ...(calls && calls.length > 0 && { tool_calls: calls }),
      ...(id !== null && { tool_call_id: id }),
    };
  });

/**
 * Reads a recorded episode to show to a model: the `history` of a `.traj` file, or of the same thing in YAML.
 * @returns `problem`, null when there is none, says why it cannot be shown
 */
export function readDemonstration(file: { path: string; contents: string }): {
  items: readonly DemonstrationItem[];
  problem: string | null;
} {
  const refused = (problem: string) => ({ items: [], problem });
  let document: unknown;
  if (/\.ya?ml$/.test(file.path)) {
    const yaml = readYaml(file.contents);
    const [error] = yaml.errors;
    if (error) return refused(`line ${error.line}: ${error.problem}`);
    document = yaml.value;
  } else {
    try {
      document = JSON.parse(file.contents);
    } catch (error) {
      return refused(`is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const history = (document as { history?: unknown } | null)?.history;
  if (!Array.isArray(history)) return refused('has no list named history');
  const items: DemonstrationItem[] = [];
  for (const [index, value] of history.entries()) {
    const { success, data } = Item.safeParse(value);
    if (!success) return refused(`history[${index}] has no known role, or holds something else than text`);
    items.push(data);
  }
  return { items, problem: null };
}
