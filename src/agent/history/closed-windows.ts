import { isObservation } from './elide.js';
import type { HistoryItem } from './history-item.js';

/** A line of a window. Python's `^` stands behind a newline only, and its digits are those of all scripts. */
const NUMBERED = /(?<![^\n])\p{Nd}+:[^\n]*\n?/gu;
const NAME = /^(.*)\s\(\p{Nd}+\s+lines total\)\]/su;
const OPENING = /\[File:\s+/g;

/** The file whose window a text shows: the first header with a name and a count of lines. */
function shownFile(text: string): string | null {
  OPENING.lastIndex = 0;
  for (let head = OPENING.exec(text); head; head = OPENING.exec(text)) {
    const start = OPENING.lastIndex;
    const end = text.indexOf('\n', start);
    const rest = text.slice(start, end < 0 ? undefined : end);
    const name = NAME.exec(rest)?.[1];
    if (name !== undefined) return name;
    // What ends a header is nowhere on this line: no other opening on it can find one.
    OPENING.lastIndex = start + rest.length;
  }
  return null;
}

/**
 * Of the windows of a file only the last one stays; lines that older messages showed become one line. A message with numbered lines
 * and no header is dropped, as MLGym does, unless it answers a call: a call must have its answer.
 */
export function closedWindows(items: readonly HistoryItem[]): HistoryItem[] {
  const shown = new Set<string>();
  const kept: HistoryItem[] = [];
  for (const item of items.toReversed()) {
    const lines = isObservation(item) ? [...item.content.matchAll(NUMBERED)] : [];
    const file = lines.length > 0 ? shownFile(item.content) : null;
    if (lines.length > 0 && file === null && item.role === 'user') continue;
    if (file === null || !shown.has(file)) kept.push(item);
    else {
      const start = lines[0]?.index ?? 0;
      const last = lines.at(-1);
      const end = (last?.index ?? 0) + (last?.[0].length ?? 0);
      const note = `Outdated window with ${lines.length} lines omitted...\n`;
      kept.push({ ...item, content: item.content.slice(0, start) + note + item.content.slice(end) });
    }
    if (file !== null) shown.add(file);
  }
  return kept.reverse();
}
