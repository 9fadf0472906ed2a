/** Words that say nothing about what a text is about, in topics of machine learning. */
const EMPTY_WORDS = new Set(
  `a an and are as at be by can each for from given how in into is it its of on or over that the their them then this to under using
  use used via what when where which while who with without within your
  learn learning model models task data dataset predict prediction predicting`
    .split(/\s+/)
    .filter(Boolean),
);

const ENDINGS = [
  'ization',
  'isation',
  'ations',
  'ation',
  'ingly',
  'ings',
  'ing',
  'ies',
  'ers',
  'ed',
  'es',
  'er',
  'ly',
  's',
];

/** Cuts an English ending off, roughly: words of one stem should meet, others should not. */
function stem(word: string): string {
  const ending = ENDINGS.find((candidate) => word.endsWith(candidate) && word.length - candidate.length >= 4);
  const cut = ending === undefined ? word : word.slice(0, -ending.length);
  return cut.replace(/[ey]$/, '');
}

/** @returns the words of a text in lower case, without accents and signs */
export function words(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** @returns the stems of the words that carry meaning; all stems where no word does */
export function stems(text: string): string[] {
  const all = words(text);
  const meant = all.filter((word) => !EMPTY_WORDS.has(word));
  return (meant.length > 0 ? meant : all).map(stem);
}

/**
 * Counts what a text is compared by: stems, pairs of neighbouring stems, and sequences of four characters of each stem, which find
 * words that are written or inflected otherwise.
 */
export function textFeatures(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (feature: string, weight: number): void => {
    counts.set(feature, (counts.get(feature) ?? 0) + weight);
  };
  const found = stems(text);
  for (const [at, word] of found.entries()) {
    add(word, 1);
    if (at > 0) add(`${found[at - 1]} ${word}`, 0.5);
    const bounded = `^${word}$`;
    for (let start = 0; start + 4 <= bounded.length; start += 1) add(`#${bounded.slice(start, start + 4)}`, 0.25);
  }
  return counts;
}
