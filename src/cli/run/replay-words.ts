import path from 'node:path';
import { shellQuote } from '../../python/python-quote.js';

/** More numbers than this make a line that nobody reads. */
const LISTED = 20;
const NUMBERED = /^(.*_run_)(\d+)(\/[^/]*)$/s;

/** @returns whether files are those of one series: directories that differ in their number alone */
export function isSeries(files: readonly string[]): boolean {
  return new Set(files.map((file) => file.replace(NUMBERED, '$1*$3'))).size === 1;
}

/** @returns words by which a shell finds the files: one pattern for a series */
export function replayWords(files: readonly string[]): string {
  const near = files.map(relative);
  const [first = ''] = near;
  const parts = NUMBERED.exec(first);
  if (near.length < 2 || parts === null || !isSeries(near)) return near.map(shellQuote).join(' ');
  const [, before = '', , after = ''] = parts;
  const numbers = near.map((file) => Number(NUMBERED.exec(file)?.[2])).sort((a, b) => a - b);
  // Where the first number was free, so were the others.
  const isWhole = numbers.every((number, i) => number === i);
  const pattern = isWhole || numbers.length > LISTED ? '*' : `{${numbers.join(',')}}`;
  return `${shellQuote(before)}${pattern}${shellQuote(after)}`;
}

/** @returns a path as short as it can be said here */
export function relative(file: string): string {
  const near = path.relative(process.cwd(), file);
  return near.startsWith('..') ? file : near;
}
