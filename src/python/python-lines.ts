const BREAK = /\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]/g;

/** @returns how many lines Python's `str.splitlines` finds in a text; a break at its end opens no further line */
export function countPythonLines(text: string): number {
  let count = 0;
  let end = 0;
  for (const found of text.matchAll(BREAK)) {
    count++;
    end = found.index + found[0].length;
  }
  return end < text.length ? count + 1 : count;
}
