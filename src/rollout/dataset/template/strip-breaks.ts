/** Python's `lstrip('\n')`, in one pass over any text. */
export function stripLeadingBreaks(text: string): string {
  let begin = 0;
  while (text[begin] === '\n') begin++;
  return text.slice(begin);
}

/** Python's `rstrip('\n')`. */
export function stripTrailingBreaks(text: string): string {
  let end = text.length;
  while (text[end - 1] === '\n') end--;
  return text.slice(0, end);
}

/** Python's `strip('\n')`. */
export function stripBreaks(text: string): string {
  return stripLeadingBreaks(stripTrailingBreaks(text));
}
