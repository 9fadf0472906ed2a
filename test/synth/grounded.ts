import { readFileSync, writeFileSync } from 'node:fs';
import type { Candidate } from '../../src/synth/candidate.js';

/** Rewrites a file of a candidate's data, which no other candidate shares. */
export function withFile(candidate: Candidate, name: string, change: (lines: string[]) => string[]): Candidate {
  const file = candidate.grounding?.files.find((one) => one.path === name);
  if (!file) throw new Error(`there is no ${name}`);
  const text = `${change(readFileSync(file.host_path, 'utf8').trim().split('\n')).join('\n')}\n`;
  writeFileSync(file.host_path, text);
  file.bytes = Buffer.byteLength(text);
  return candidate;
}

/** Cells of a column of a file of the data, without the header. */
export function cellsOf(candidate: Candidate, name: string, column: number): string[] {
  const file = candidate.grounding?.files.find((one) => one.path === name);
  const [, ...lines] = readFileSync(file?.host_path ?? '', 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => line.split(',')[column] ?? '');
}
