import { elideObservations, isObservation } from './elide.js';
import type { HistoryItem } from './history-item.js';

function countObservations(items: readonly HistoryItem[]): number {
  return items.reduce((count, item) => count + (isObservation(item) ? 1 : 0), 0);
}

/**
 * The first observation and the last n stay.
 * @param polling the cut moves only when so many observations came: between n and n + polling - 1 stay
 */
export function lastObservations(items: readonly HistoryItem[], n: number, polling: number): HistoryItem[] {
  const counted = Math.floor(countObservations(items) / polling) * polling;
  return elideObservations(items, (index) => index === 0 || index >= counted - n);
}

/**
 * The first observation and the last ones stay: at least `keep`, and fewer than `keep + every`. The cut moves by `every`
 * observations at a time, so that between two moves each prompt begins with the whole prompt before it.
 */
export function appendOnly(items: readonly HistoryItem[], keep: number, every: number): HistoryItem[] {
  const cuts = Math.max(0, Math.floor((countObservations(items) - 1 - keep) / every));
  return elideObservations(items, (index) => index === 0 || index > cuts * every);
}
