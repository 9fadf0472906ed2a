import { unicodeClass, WHITE_SPACE } from './unicode-classes.js';

/** Letters that fold to an ASCII letter and are none. */
const FOLDED: Readonly<Record<string, string>> = { s: '\\u017f', k: '\\u212a' };

/** A part of a pattern that JavaScript may read otherwise than Oniguruma. */
class UnknownPattern extends Error {}

/**
 * Translates the pattern by which a tokenizer splits texts, as Oniguruma reads it, for the flags `gv`.
 * @returns null when the pattern holds anything that is not known to mean the same
 */
export function splitPattern(pattern: string): string | null {
  try {
    return new Translation(pattern).whole();
  } catch (error) {
    if (error instanceof UnknownPattern) return null;
    throw error;
  }
}

class Translation {
  #at = 0;

  constructor(private readonly pattern: string) {}

  whole(): string {
    const out = this.#alternatives(false);
    if (this.#at < this.pattern.length) throw new UnknownPattern();
    return out;
  }

  /** Up to the end, or the parenthesis that closes a group. */
  #alternatives(ignoreCase: boolean): string {
    let out = '';
    for (;;) {
      const next = this.pattern[this.#at];
      if (next === undefined || next === ')') return out;
      if (this.#took('|')) out += '|';
      else out += this.#atom(ignoreCase) + this.#quantifier();
    }
  }

  #atom(ignoreCase: boolean): string {
    if (this.#took('(?i:')) return this.#group('(?:', true);
    for (const open of ['(?:', '(?!', '(?=']) if (this.#took(open)) return this.#group(open, ignoreCase);
    if (this.#took('[')) return this.#characterClass(ignoreCase);
    if (this.pattern[this.#at] === '\\') return this.#escape();
    const character = this.#take(/[\w '"<>!#%&,:;=@~`/]/y);
    return ignoreCase ? bothCases(character) : character;
  }

  #group(open: string, ignoreCase: boolean): string {
    const inside = this.#alternatives(ignoreCase);
    if (!this.#took(')')) throw new UnknownPattern();
    return `${open}${inside})`;
  }

  #characterClass(ignoreCase: boolean): string {
    // Case is not folded in classes, for what a negated one means then is not the same everywhere.
    if (ignoreCase) throw new UnknownPattern();
    let out = this.#took('^') ? '[^' : '[';
    while (!this.#took(']')) {
      if (this.pattern[this.#at] === '\\') out += this.#escape();
      else out += this.#take(/[A-Za-z]-[A-Za-z]|[0-9]-[0-9]|[\w ']/y);
    }
    return `${out}]`;
  }

  #escape(): string {
    const found = this.#take(/\\(?:p\{\w+\}|[rnsSt.?*+()[\]{}|/\\])/y);
    if (found === '\\s') return WHITE_SPACE;
    if (found === '\\S') return WHITE_SPACE.replace('[', '[^');
    if (!found.startsWith('\\p')) return found;
    const known = unicodeClass(found.slice(3, -1));
    if (known === null) throw new UnknownPattern();
    return known;
  }

  #quantifier(): string {
    const quantifier = this.#take(/(?:[?*+]|\{\d+(?:,\d+)?\})?/y);
    // A second one makes it lazy or possessive; possessive ones are not known here.
    if (quantifier !== '' && /[?*+]/.test(this.pattern[this.#at] ?? '')) throw new UnknownPattern();
    return quantifier;
  }

  #took(text: string): boolean {
    if (!this.pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #take(expected: RegExp): string {
    expected.lastIndex = this.#at;
    const [found] = expected.exec(this.pattern) ?? [];
    if (found === undefined) throw new UnknownPattern();
    this.#at += found.length;
    return found;
  }
}

function bothCases(character: string): string {
  const lower = character.toLowerCase();
  if (lower === character.toUpperCase()) return character;
  return `[${lower}${character.toUpperCase()}${FOLDED[lower] ?? ''}]`;
}
