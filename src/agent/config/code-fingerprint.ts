import { createHash } from 'node:crypto';

/** A name for what a file of commands does: comments, blank lines and white space at line ends do not count. */
export function codeFingerprint(contents: string): string {
  const code = contents
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^\s*#/.test(line));
  return createHash('sha256').update(code.join('\n')).digest('hex').slice(0, 24);
}
