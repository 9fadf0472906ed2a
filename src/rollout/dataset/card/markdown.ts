/** Signs that mean something in Markdown. */
const MARKS = /[\\`*[\]#|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g;

/** Controls, formats such as those that turn the direction of text around, line and paragraph separators, halves of pairs. */
const UNTEXT = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** @returns text on one line that reads in Markdown as it is, whatever it holds: no marks, no HTML, no links, no names of accounts; a dash for none */
export function markdownText(text: string): string {
  if (text === '') return '–';
  return text
    .replace(UNTEXT, '\ufffd')
    .replace(MARKS, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '&#64;')
    .replaceAll('://', '&#58;//')
    .replace(/www\./gi, (found) => found.replace('.', '&#46;'))
    .replace(/^-/, '\\-');
}

/** @returns a block of code that ends where it should, whatever is in it */
export function codeBlock(language: string, code: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${code}\n${fence}`;
}

/** @param heads names of columns; those that begin with # hold numbers @param rows cells as Markdown */
export function markdownTable(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const names = heads.map((head) => head.replace(/^#/, ''));
  const rule = heads.map((head) => (head.startsWith('#') ? '---:' : '---'));
  return [line(names), line(rule), ...rows.map(line)].join('\n');
}
