/** Characters that mean something to a shell when they stand unquoted. */
const ACTIVE = /[|&;<>()$`\\*?[\]~!{}\n\r]/;

/**
 * Splits a command line into words where no shell is needed for it: quotes are taken off, nothing else may have a
 * meaning.
 * @returns null when the line holds anything that only a shell can do
 */
export function plainWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; ) {
    const character = line[at] ?? '';
    if (character === ' ' || character === '\t') {
      if (word !== null) words.push(word);
      word = null;
      at++;
    } else if (character === "'" || character === '"') {
      const quoted = character === "'" ? singleQuoted(line, at) : doubleQuoted(line, at);
      if (!quoted) return null;
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else {
      if (ACTIVE.test(character) || (character === '#' && word === null)) return null;
      word = (word ?? '') + character;
      at++;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

interface Quoted {
  text: string;
  /** Position behind the closing quote. */
  end: number;
}

function singleQuoted(line: string, start: number): Quoted | null {
  const end = line.indexOf("'", start + 1);
  return end < 0 ? null : { text: line.slice(start + 1, end), end: end + 1 };
}

function doubleQuoted(line: string, start: number): Quoted | null {
  let text = '';
  for (let at = start + 1; at < line.length; at++) {
    const character = line[at] ?? '';
    if (character === '"') return { text, end: at + 1 };
    if (character === '$' || character === '`') return null;
    const next = line[at + 1] ?? '';
    if (character === '\\' && '$`"\\'.includes(next) && next !== '') {
      text += next;
      at++;
    } else {
      text += character;
    }
  }
  return null;
}
