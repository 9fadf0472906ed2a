/** Deeper text is no honest document and would exhaust the stack. */
const MAX_DEPTH = 32;

/** A number as JSON spells it; Python tells `1` from `1.0` and keeps integers of any length. */
interface PythonNumber {
  kind: 'int' | 'float';
  /** Digits of an integer; JavaScript's value has fewer for long ones. */
  digits: string;
  value: number;
}

/** What Python's `json.loads` makes of a text. */
export type PythonValue = null | boolean | string | PythonNumber | PythonValue[] | Map<string, PythonValue>;

/** Why a text is not JSON. */
class JsonFault extends Error {}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
const PLAIN = /[^"\\\x00-\x1f]*/y;
const WORDS: readonly (readonly [string, PythonValue])[] = [
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', { kind: 'float', digits: '', value: Number.NaN }],
  ['Infinity', { kind: 'float', digits: '', value: Number.POSITIVE_INFINITY }],
  ['-Infinity', { kind: 'float', digits: '', value: Number.NEGATIVE_INFINITY }],
];
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

class Reader {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PythonValue {
    const value = this.#value(0);
    this.#take(SPACE);
    if (this.#at < this.#text.length) throw new JsonFault('text follows the value');
    return value;
  }

  #value(depth: number): PythonValue {
    if (depth > MAX_DEPTH) throw new JsonFault('the nesting is too deep');
    this.#take(SPACE);
    const first = this.#text[this.#at];
    if (first === '{') return this.#object(depth);
    if (first === '[') return this.#array(depth);
    if (first === '"') return this.#string();
    for (const [word, value] of WORDS) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #number(): PythonNumber {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) throw new JsonFault('a value is missing');
    this.#at = NUMBER.lastIndex;
    const [all, integer, fraction, exponent] = match;
    const kind = fraction === undefined && exponent === undefined ? 'int' : 'float';
    return { kind, digits: integer === '-0' ? '0' : (integer ?? ''), value: Number(all) + 0 };
  }

  #string(): string {
    this.#at++;
    let out = '';
    for (;;) {
      out += this.#take(PLAIN);
      const next = this.#text[this.#at++];
      if (next === '"') return out;
      if (next !== '\\') throw new JsonFault('a string does not end');
      const code = this.#text[this.#at++] ?? '';
      const hex = this.#text.slice(this.#at, this.#at + 4);
      if (code in ESCAPES) out += ESCAPES[code];
      else if (code === 'u' && /^[0-9a-fA-F]{4}$/.test(hex)) {
        out += String.fromCharCode(Number.parseInt(hex, 16));
        this.#at += 4;
      } else throw new JsonFault('an escape is unknown');
    }
  }

  #array(depth: number): PythonValue[] {
    const values: PythonValue[] = [];
    this.#members(']', () => values.push(this.#value(depth + 1)));
    return values;
  }

  #object(depth: number): Map<string, PythonValue> {
    const values = new Map<string, PythonValue>();
    this.#members('}', () => {
      this.#take(SPACE);
      if (this.#text[this.#at] !== '"') throw new JsonFault('a key is missing');
      const key = this.#string();
      this.#take(SPACE);
      if (this.#text[this.#at++] !== ':') throw new JsonFault('a colon is missing');
      values.set(key, this.#value(depth + 1));
    });
    return values;
  }

  #members(end: string, member: () => void): void {
    this.#at++;
    this.#take(SPACE);
    if (this.#text[this.#at] === end) {
      this.#at++;
      return;
    }
    for (;;) {
      member();
      this.#take(SPACE);
      const next = this.#text[this.#at++];
      if (next === end) return;
      if (next !== ',') throw new JsonFault('a comma is missing');
    }
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found = ''] = pattern.exec(this.#text) ?? [];
    this.#at += found.length;
    return found;
  }
}

/**
 * Reads a text as Python's `json.loads` does: NaN and the infinities are taken, integers stay apart from floats.
 * @returns undefined when the text is not JSON, or is nested too deeply
 */
export function parsePythonJson(text: string): PythonValue | undefined {
  try {
    return new Reader(text).document();
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

/** The same value in plain data. What JSON has no word for, NaN and the infinities, becomes null. */
export function toPlain(value: PythonValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(toPlain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
  return Number.isFinite(value.value) ? value.value : null;
}
