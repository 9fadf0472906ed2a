// Colours may stay; whatever moves the cursor, sets titles or talks to the terminal goes.
const CONTROLS =
  /\u001b\[(?![\d;]*m)[\x20-\x3f]*[\x40-\x7e]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b(?!\[[\d;]*m)[\x20-\x7e]?|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\x80-\x9f]/g;

/** @returns text that a program printed, safe to show in a terminal: it can colour, and nothing else */
export function terminalText(text: string): string {
  return text.replace(CONTROLS, '');
}
