import { countPythonLines } from '../../python/python-lines.js';
import type { HistoryItem } from './history-item.js';

/** Whether an item tells the agent what it sees: a prompt of the user's, or the answer to a call. Demonstrations are none. */
export function isObservation(item: HistoryItem): boolean {
  return (item.role === 'user' || item.role === 'tool') && item.is_demo !== true;
}

/**
 * Replaces observations by one line each, in MLGym's words.
 * @param keeps by the number of the observation, from 0
 */
export function elideObservations(items: readonly HistoryItem[], keeps: (index: number) => boolean): HistoryItem[] {
  let index = 0;
  return items.map((item) => {
    if (!isObservation(item) || keeps(index++)) return item;
    return { ...item, content: `Old output omitted (${countPythonLines(item.content)} lines)` };
  });
}
