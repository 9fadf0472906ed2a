import { createInterface } from 'node:readline/promises';
import { CliError } from './cli-error.js';
import type { Output } from './output.js';

/** Asks a person at a terminal, once, before anything is spent. @throws CliError when the answer is no */
export async function confirm({ yes, quiet }: { yes?: boolean; quiet?: boolean }, output: Output): Promise<void> {
  if (yes || quiet || !process.stdin.isTTY || !output.isTerminal) return;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question('Begin? [y/N] ');
    if (/^y(?:es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw new CliError('Nothing was begun.', '--yes begins without asking.', 130);
}
