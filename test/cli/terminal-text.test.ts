import { expect, it } from 'vitest';
import { terminalText, wrapText } from '../../src/cli/play/terminal-text.js';

it.each([
  ['plain text, tabs\tand\nlines\r\n', 'plain text, tabs\tand\nlines\r\n'],
  ['\u001b[1;31mred\u001b[0m', '\u001b[1;31mred\u001b[0m'],
  ['a\u001b[2Jb\u001b[10;5Hc\u001b[?1049hd', 'abcd'],
  ['title\u001b]0;evil\u0007 done', 'title done'],
  ['copy\u001b]52;c;ZXZpbA==\u001b\\ done', 'copy done'],
  ['bell\u0007 back\u0008 c1\u009b31m', 'bell back c131m'],
  ['reset\u001bc alone\u001b', 'reset alone'],
])('lets a program colour its output and nothing else: %j', (text, expected) => {
  expect(terminalText(text)).toBe(expected);
});

it('breaks long lines of prose between words on a terminal, and changes nothing elsewhere', () => {
  const text = 'a bb ccc dddd eeeee ffffff\nshort\n  indented and continued here';
  expect(wrapText(text, { isTerminal: true, columns: 21 })).toBe(
    'a bb ccc dddd eeeee\nffffff\nshort\n  indented and\ncontinued here',
  );
  expect(wrapText(text, { isTerminal: false, columns: 21 })).toBe(text);
});
