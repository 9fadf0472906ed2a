import type { ByteLevelTables } from './byte-level-tables.js';
import { BytePairs } from './byte-pairs.js';
import { formC } from './form-c.js';
import type { TextTokens } from './text-tokens.js';

/** Pieces whose counts are kept: code and logs repeat themselves. */
const KEPT_PIECES = 150_000;
/** Longer ones come once. */
const KEPT_CHARACTERS = 48;

/**
 * Counts tokens as a tokenizer of the byte-level kind makes them. Pieces between which nothing is merged are counted each once; memory
 * is bounded, and the time grows with the length of a text and its logarithm, whatever the text.
 */
export class ByteLevelTokens implements TextTokens {
  readonly #pairs: BytePairs;
  readonly #added: RegExp | null;
  readonly #split: RegExp | null;
  readonly #kept = new Map<string, number>();

  constructor(private readonly tables: ByteLevelTables) {
    this.#pairs = new BytePairs(tables.merges);
    this.#added = tables.added.length > 0 ? new RegExp(tables.added.map(literally).join('|'), 'g') : null;
    this.#split = tables.split === null ? null : new RegExp(tables.split, 'gv');
  }

  count(text: string): number {
    const added = this.#added;
    if (added === null) return this.#countPlain(text);
    let sum = 0;
    let at = 0;
    added.lastIndex = 0;
    for (let found = added.exec(text); found !== null; found = added.exec(text)) {
      if (found.index > at) sum += this.#countPlain(text.slice(at, found.index));
      sum++;
      at = added.lastIndex;
    }
    return sum + (at === 0 ? this.#countPlain(text) : this.#countPlain(text.slice(at)));
  }

  /** Without tokens that are found as they stand. */
  #countPlain(text: string): number {
    const composed = this.tables.composes ? formC(text) : text;
    const split = this.#split;
    if (split === null) return this.#countPiece(composed);
    let sum = 0;
    let at = 0;
    split.lastIndex = 0;
    for (let found = split.exec(composed); found !== null; found = split.exec(composed)) {
      const [piece] = found;
      if (found.index > at) sum += this.#countPiece(composed.slice(at, found.index));
      sum += this.#countPiece(piece);
      at = found.index + piece.length;
      if (piece === '') split.lastIndex++;
    }
    return at < composed.length ? sum + this.#countPiece(composed.slice(at)) : sum;
  }

  #countPiece(piece: string): number {
    if (piece.length < 2 && piece.charCodeAt(0) < 0x80) return piece.length;
    if (piece.length > KEPT_CHARACTERS) return this.#pairs.count(piece);
    const known = this.#kept.get(piece);
    if (known !== undefined) return known;
    const tokens = this.#pairs.count(piece);
    if (this.#kept.size >= KEPT_PIECES) this.#kept.clear();
    this.#kept.set(piece, tokens);
    return tokens;
  }
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
