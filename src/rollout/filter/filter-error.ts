/** Characters of the expression that are shown on each side of a fault. */
const AROUND = 60;

/** A filter that cannot be read. The message says what is wrong and shows where, with a line of carets below. */
export class FilterError extends Error {
  override readonly name = 'FilterError';

  /**
   * @param what is wrong, without an end mark
   * @param text the whole expression
   * @param begin of the part that is wrong, in UTF-16 units
   * @param end behind it
   */
  constructor(
    what: string,
    text: string,
    readonly begin: number,
    readonly end: number,
  ) {
    super(`${what} (character ${begin + 1} of the filter)\n${caretLines(text, begin, end)}`);
  }
}

/** The line of a place, clipped, and carets under it. Tabs and other controls take one column each. */
function caretLines(text: string, begin: number, end: number): string {
  const lineBegin = text.lastIndexOf('\n', begin - 1) + 1;
  const found = text.indexOf('\n', begin);
  const lineEnd = found === -1 ? text.length : found;
  const from = Math.max(lineBegin, begin - AROUND);
  const to = Math.min(lineEnd, Math.max(begin + 1, Math.min(end, begin + AROUND)) + AROUND);
  const before = `${from > lineBegin ? '...' : ''}`;
  const after = `${to < lineEnd ? '...' : ''}`;
  const shown = text.slice(from, to).replace(/\p{Cc}/gu, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(end, to) - begin));
  return `  ${before}${shown}${after}\n  ${' '.repeat(before.length + begin - from)}${carets}`;
}
