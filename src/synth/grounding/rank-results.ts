import type { HubDataset } from './hub/hub.js';

/** Words that names of datasets have in common whatever they hold. */
const EMPTY_WORDS = new Set([
  'dataset',
  'datasets',
  'data',
  'the',
  'of',
  'for',
  'and',
  'a',
  'with',
  'in',
  'on',
  'v1',
  'v2',
]);

/** What a dataset is looked for by. */
export interface Wanted {
  /** `owner/name` as it was proposed. */
  id: string;
  query: string;
}

/** Words of a name: parts between punctuation, and between small and capital letters. */
export function nameWords(text: string): Set<string> {
  const parts = text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return new Set(parts.filter((word) => word !== '' && !EMPTY_WORDS.has(word)));
}

function nameOf(id: string): string {
  return id.split('/').at(-1) ?? id;
}

function compact(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

function overlap(wanted: ReadonlySet<string>, found: ReadonlySet<string>): number {
  if (wanted.size === 0 || found.size === 0) return 0;
  const common = [...wanted].filter((word) => found.has(word)).length;
  return common / (wanted.size + found.size - common);
}

/**
 * Orders what a search found, best first: equal names, then the share of words that a name has in common with the wanted name or the
 * query, then downloads, then the name itself. What has no word in common is left out.
 */
export function rankResults(wanted: Wanted, found: readonly HubDataset[]): HubDataset[] {
  const name = nameWords(nameOf(wanted.id));
  const query = nameWords(wanted.query);
  const scored = found.map((dataset) => {
    const words = nameWords(nameOf(dataset.repo));
    const isExact = compact(nameOf(dataset.repo)) === compact(nameOf(wanted.id));
    return { dataset, isExact, share: Math.max(overlap(name, words), overlap(query, words)) };
  });
  return scored
    .filter(({ isExact, share }) => isExact || share > 0)
    .sort(
      (a, b) =>
        Number(b.isExact) - Number(a.isExact) ||
        b.share - a.share ||
        b.dataset.downloads - a.dataset.downloads ||
        (a.dataset.repo < b.dataset.repo ? -1 : 1),
    )
    .map(({ dataset }) => dataset);
}
