import { PYTHON_SPACE } from './python-space.js';

const SPACE = new RegExp(`[${PYTHON_SPACE}]`);

/**
 * Removes white space from both ends, as Python's `str.strip` does. Steps forward only: a pattern for the end would try every
 * space of a long run within the text.
 */
export function pythonStrip(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && SPACE.test(text.charAt(start))) start++;
  while (end > start && SPACE.test(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}
