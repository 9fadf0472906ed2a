import { PYTHON_SPACE } from '../../python/python-space.js';
import { pythonStrip } from '../../python/python-strip.js';
import { isObservation } from './elide.js';
import type { HistoryItem } from './history-item.js';

const S = `[${PYTHON_SPACE}]`;
/** A line of a window. Python's `^` stands behind a newline only, and its digits are those of all scripts. */
const NUMBERED = /(?<![^\n])\p{Nd}+:[^\n]*\n?/gu;
const OPENING_WORD = '[File:';
const OPENING = new RegExp(`\\[File:(${S}+)`, 'gu');
const ENDING = `\\(\\p{Nd}+${S}+lines total\\)\\]`;
const ENDING_BEHIND_LINE = new RegExp(`${S}+${ENDING}`, 'uy');
const ENDING_IN_LINE = new RegExp(`([^\\n]*)${S}${ENDING}`, 'uy');
const ENDING_ALONE = new RegExp(ENDING, 'uy');

function execAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/**
 * The file whose window a text shows: the first header with a name and a count of lines. Finds what MLGym's pattern finds, in one
 * pass: that pattern tries every way to share out the spaces of a line.
 */
function shownFile(text: string): string | null {
  let from = 0;
  for (let head = execAt(OPENING, text, from); head; head = execAt(OPENING, text, from)) {
    const start = OPENING.lastIndex;
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline;
    if (execAt(ENDING_BEHIND_LINE, text, end)) return text.slice(start, end);
    const name = execAt(ENDING_IN_LINE, text, start)?.[1];
    if (name !== undefined) return name;
    if ((head[1]?.length ?? 0) > 1 && execAt(ENDING_ALONE, text, start)) return '';
    // No other header within this line has an ending either; one whose spaces go on into the next line may.
    const words = pythonStrip(`.${text.slice(start, end)}`).length - 1;
    from = Math.max(start, start + words - OPENING_WORD.length);
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
