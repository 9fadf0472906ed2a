import { FilterError } from './filter-error.js';

/** A word, sign or value of a filter, and where it stands. */
export type Token = { begin: number; end: number } & (
  | { kind: 'number'; value: number }
  | { kind: 'string'; value: string }
  | { kind: 'word'; value: string }
  | { kind: 'sign'; value: string }
  | { kind: 'end'; value: '' }
);

/** One K, as in 48K tokens. */
const K = 1024;

const SPACE = /[ \t\r\n]+/y;
const NUMBER = /-?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?([kK])?/y;
const STRING = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const WORD = /[A-Za-z_]\w*/y;
const SIGN = /&&|\|\||[=!<>]=|[<>!()[\],]/y;

const ESCAPE = /\\(?:u([0-9a-fA-F]{4})|(.))/g;
const PLAIN_ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

/** What people type instead, and what it is called here. */
const HABITS: Readonly<Record<string, string>> = { '=': '==', '&': '&&', '|': '||' };

/**
 * @returns the tokens of a filter, the last one of kind `end`
 * @throws FilterError at the first character that begins none
 */
export function readTokens(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  while (true) {
    at += take(SPACE)?.[0].length ?? 0;
    if (at === text.length) return [...tokens, { kind: 'end', value: '', begin: at, end: at }];
    const begin = at;
    const string = take(STRING);
    const number = take(NUMBER);
    const found = string ?? number ?? take(WORD) ?? take(SIGN);
    if (found === null) throw strange(text, at);
    const end = at + found[0].length;
    if (string) tokens.push({ kind: 'string', value: unescaped(text, begin, string[0]), begin, end });
    else if (number) tokens.push({ kind: 'number', value: numberOf(text, begin, end, number[1]), begin, end });
    else tokens.push({ kind: /^\w/.test(found[0]) ? 'word' : 'sign', value: found[0], begin, end });
    at = end;
  }
}

function numberOf(text: string, begin: number, end: number, suffix: string | undefined): number {
  const digits = text.slice(begin, end - (suffix?.length ?? 0)).replaceAll('_', '');
  const value = Number(digits) * (suffix === undefined ? 1 : K);
  const follows = /^\w+/.exec(text.slice(end))?.[0].length ?? 0;
  if (follows > 0) {
    throw new FilterError('This is no number; a number may end in K for 1024', text, begin, end + follows);
  }
  if (!Number.isFinite(value)) throw new FilterError('This number is too large', text, begin, end);
  // So that a filter that was written out reads as the same one.
  return value === 0 ? 0 : value;
}

function unescaped(text: string, begin: number, token: string): string {
  return token.slice(1, -1).replace(ESCAPE, (whole, code: string | undefined, sign: string, at: number) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
    if (Object.hasOwn(PLAIN_ESCAPES, sign)) return PLAIN_ESCAPES[sign]!;
    if (/[\\"'/]/.test(sign)) return sign;
    const place = begin + 1 + at;
    throw new FilterError(`${whole} stands for nothing; for a backslash write \\\\`, text, place, place + whole.length);
  });
}

function strange(text: string, at: number): FilterError {
  const sign = String.fromCodePoint(text.codePointAt(at)!);
  if (sign === '"' || sign === "'") return new FilterError('This text has no end', text, at, text.length);
  const meant = HABITS[sign];
  const what = meant ? `${sign} alone means nothing here; did you mean ${meant}?` : 'This character means nothing here';
  return new FilterError(what, text, at, at + sign.length);
}
