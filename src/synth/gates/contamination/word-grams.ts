import { createHash } from 'node:crypto';

/** Words of one gram. */
const GRAM_WORDS = 14;

function canonicalWords(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .match(/[\p{L}\p{N}_]+/gu) ?? []
  );
}

/** 40 bits, which a number holds exactly and which make chance matches of some hundred thousand grams unlikely. */
function shortHash(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 5);
}

/**
 * The sequences of 14 words of a text, as short hashes: words are runs of letters, digits and underscores in lower case, so that
 * layout, signs and line ends do not count. A text of fewer words has none.
 */
export function wordGrams(text: string): Set<number> {
  const words = canonicalWords(text);
  const grams = new Set<number>();
  for (let at = 0; at + GRAM_WORDS <= words.length; at += 1)
    grams.add(shortHash(words.slice(at, at + GRAM_WORDS).join(' ')));
  return grams;
}

/** @returns SHA-256 of the words of a text, in hexadecimal digits: equal for texts that differ in layout, case and signs only */
export function wordsHash(text: string): string {
  return createHash('sha256').update(canonicalWords(text).join(' ')).digest('hex');
}
