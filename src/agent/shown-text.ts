/**
 * Whatever a terminal acts upon: sequences that begin with an escape (colours among them, which can hide text or outlast it), carriage
 * returns, other control characters, and marks that turn the direction of a line. A sequence that does not end goes as far as its line.
 */
const ACTED_UPON =
  /\r+(?=\n|$)|\u001b\[[\x20-\x3f]*[\x40-\x7e]?|\u001b[\]PX^_][^\u0007\u001b\u009c\n]*(?:\u0007|\u009c|\u001b\\)?|\u001b[\x20-\x2f]*[\x30-\x7e]?|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** @returns text of a program, a model or a server as a terminal may show it: characters, tabs and line breaks, which do nothing else */
export function shownText(text: string): string {
  return text.replace(ACTED_UPON, '');
}
