/** Words that say nothing about what a text is about, in topics of machine learning: of the language, of the trade, of scoring. */
const EMPTY_WORDS = new Set(
  `a an and are as at be by can each every for from has have how if in into is it its of on only or over per so than that the their
  them then this to under up using use used via what when where which while who will with within your
  learn learning model models task tasks data dataset datasets predict prediction predicting predictions given estimate estimating
  build design write make find decide whether
  score scored scores metric measured accuracy f1 macro auc mae rmse mse average precision recall ndcg mean absolute error`
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
 * Counts what a text is compared by: stems, and sequences of four characters of each stem, which find words that are written or
 * inflected otherwise. The order of words does not count: paraphrases turn it around.
 */
export function textFeatures(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (feature: string, weight: number): void => {
    counts.set(feature, (counts.get(feature) ?? 0) + weight);
  };
  const found = stems(text);
  for (const word of found) {
    add(word, 1);
    const bounded = `^${word}$`;
    for (let start = 0; start + 4 <= bounded.length; start += 1) add(`#${bounded.slice(start, start + 4)}`, 0.6);
  }
  return counts;
}
