import { shownText } from '../../agent/shown-text.js';
import type { Output } from '../output.js';

// Colours may stay; whatever moves the cursor, sets titles or talks to the terminal goes.
const CONTROLS =
  /\u001b\[(?![\d;]*m)[\x20-\x3f]*[\x40-\x7e]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b(?!\[[\d;]*m)[\x20-\x7e]?|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\x80-\x9f]/g;

/** @returns text that a program printed, safe to show in a terminal: it can colour, and nothing else */
export function terminalText(text: string): string {
  return text.replace(CONTROLS, '');
}

/** @returns the text on one line, after which nothing else can begin */
export function shownLine(text: string): string {
  return shownText(text).replace(/\s+/g, ' ').trim();
}

/** @returns lines that all begin to the right of where the program's own begin, so that none can be taken for one of them */
export function indentedText(text: string, indent: string): string {
  return `${indent}${text.replaceAll('\n', `\n${indent}`)}`;
}

/** @returns prose with its long lines broken between words, on a terminal; elsewhere the text as it is */
export function wrapText(text: string, { isTerminal, columns }: Pick<Output, 'isTerminal' | 'columns'>): string {
  if (!isTerminal) return text;
  const most = Math.max(20, columns - 1);
  return text.replace(new RegExp(`(?=.{${most + 1}})(.{1,${most}}) +`, 'g'), '$1\n');
}
