import { PYTHON_SPACE } from '../../python/python-space.js';

const FENCE = '```';
const WORD = new RegExp(`[^${PYTHON_SPACE}]*`, 'y');
const SPACE = new RegExp(`[${PYTHON_SPACE}]*`, 'y');

interface Fence {
  start: number;
  /** Behind the fence, its word, and the white space that it swallows. */
  end: number;
  /** True when a word stands behind the backticks. */
  named: boolean;
  /** False for one at the very end of the text, which can only close. */
  opens: boolean;
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}

/** Three backticks at the start of a line, perhaps with a word, and only white space up to the end of the line. */
function fenceAt(text: string, start: number): Fence | null {
  const word = endOf(WORD, text, start + FENCE.length);
  const space = endOf(SPACE, text, word);
  const lineBreak = text.lastIndexOf('\n', space - 1);
  const named = word > start + FENCE.length;
  if (lineBreak >= word) return { start, end: lineBreak + 1, named, opens: true };
  return space === text.length && !named ? { start, end: space, named, opens: false } : null;
}

/**
 * Finds the last block between fences that is in no other block, by MLGym's rules: a fence without a word closes what is open, any
 * other opens. Looks at each character a fixed number of times.
 * @returns what stands between the fences, and the text around them
 */
export function lastFencedBlock(text: string): { inside: string; around: string } | null {
  const open: Fence[] = [];
  let last: { first: Fence; second: Fence } | null = null;
  for (let line = 0; line < text.length; ) {
    const fence = text.startsWith(FENCE, line) ? fenceAt(text, line) : null;
    if (!fence) {
      const end = text.indexOf('\n', line);
      if (end < 0) break;
      line = end + 1;
      continue;
    }
    line = fence.end;
    const first = fence.named ? undefined : open.pop();
    if (!first) {
      if (fence.opens) open.push(fence);
    } else if (open.length === 0) last = { first, second: fence };
  }
  if (!last) return null;
  const { first, second } = last;
  return { inside: text.slice(first.end, second.start), around: text.slice(0, first.start) + text.slice(second.end) };
}

/** @returns whether a text holds two pairs of triple backticks, wherever in their lines they stand */
export function hasTwoFencedPairs(text: string): boolean {
  let at = 0;
  for (let fence = 0; fence < 4; fence++) {
    const found = text.indexOf(FENCE, at);
    if (found < 0) return false;
    at = found + FENCE.length;
  }
  return true;
}
