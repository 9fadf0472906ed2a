import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainWords } from '../../src/env/packs/plain-words.js';

describe('plainWords', () => {
  it.each([
    ['open a.py 10', ['open', 'a.py', '10']],
    ['  open   "my file.py"\t3 ', ['open', 'my file.py', '3']],
    [`search_dir 'it is' "a\\"b\\d"`, ['search_dir', 'it is', 'a"b\\d']],
    [`create ''`, ['create', '']],
    ['open a#b', ['open', 'a#b']],
    ['', []],
  ])('splits %j', (line, words) => expect(plainWords(line)).toEqual(words));

  it.each([
    'open $F',
    'open "$F"',
    'open `ls`',
    'open *.py',
    'open a; ls',
    'open a | cat',
    'open a > b',
    'open a & ls',
    'open (a)',
    'open {a,b}',
    'open ~/a',
    'open a\\ b',
    'open a # comment',
    'open "a',
    "open 'a",
    'open a\nls',
    'open [ab]',
    'open !a',
  ])('leaves %j to the shell', (line) => expect(plainWords(line)).toBeNull());

  it('splits as bash does, wherever it splits at all', () => {
    const letters = fc.constantFrom(
      'a',
      ' ',
      '"',
      "'",
      '\\',
      '$',
      '#',
      '=',
      '-',
      '%',
      ':',
      ',',
      '.',
      'é',
      '\t',
      '^',
      ']',
      '@',
      '+',
    );
    const lines = fc
      .sample(fc.array(letters, { maxLength: 14 }), { numRuns: 400, seed: 7 })
      .map((line) => `f ${line.join('')}`);
    const split = lines.map((line) => ({ line, words: plainWords(line) })).filter(({ words }) => words !== null);
    expect(split.length).toBeGreaterThan(50);
    const script = split.map(({ line }) => `${line}\necho`).join('\n');
    const printed = execFileSync('bash', ['-c', `f() { printf '<%s>' "$@"; }\n${script}`], { encoding: 'utf8' });
    const expected = split.map(({ words }) => (words?.slice(1) ?? []).map((word) => `<${word}>`).join('') || '<>');
    expect(printed.split('\n').slice(0, -1)).toEqual(expected);
  });
});
