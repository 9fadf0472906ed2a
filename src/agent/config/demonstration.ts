import { readYaml } from '../../yaml/yaml.js';
import type { HistoryItem } from '../history/history-item.js';

/** An item of a demonstration; recordings of old agents name none. */
export type DemonstrationItem = Omit<HistoryItem, 'agent'> & { agent?: string };

const ROLES: readonly string[] = ['system', 'user', 'assistant', 'tool'] satisfies HistoryItem['role'][];

function item(value: unknown): DemonstrationItem | null {
  if (typeof value !== 'object' || value === null) return null;
  const { role, content, agent, thought, action } = value as Record<string, unknown>;
  if (typeof role !== 'string' || !ROLES.includes(role)) return null;
  if (content !== null && content !== undefined && typeof content !== 'string') return null;
  return {
    role: role as HistoryItem['role'],
    content: content ?? '',
    ...(typeof agent === 'string' ? { agent } : {}),
    ...(typeof thought === 'string' ? { thought } : {}),
    ...(typeof action === 'string' ? { action } : {}),
  };
}

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
    const read = item(value);
    if (read === null) return refused(`history[${index}] has no known role, or a content that is no text`);
    items.push(read);
  }
  return { items, problem: null };
}
