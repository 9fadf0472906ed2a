import { glob } from '../../../env/evaluation/glob.js';
import type { HubListedFile } from '../../../env/supplies/hub/hub-listing.js';
import type { CardData } from './card-data.js';
import type { HubDataFile } from './hub.js';

/** Formats that rows are read from, the best first: a repository that has several of them is read in one. */
const FORMATS: readonly RegExp[] = [/\.parquet$/i, /\.(?:csv|tsv)$/i, /\.(?:jsonl|ndjson)$/i, /\.json$/i];
/** Files of other purposes in those formats. */
const NO_DATA =
  /(?:^|\/)(?:\.[^/]*|dataset_infos?\.json|state\.json|package(?:-lock)?\.json|config\.json|metadata\.json)$/i;

const SPLIT_WORDS: readonly [split: string, words: RegExp][] = [
  ['train', /(?:^|[^a-z])(?:train|training)(?:[^a-z]|$)/i],
  ['validation', /(?:^|[^a-z])(?:validation|valid|val|dev)(?:[^a-z]|$)/i],
  ['test', /(?:^|[^a-z])(?:test|testing|eval|evaluation)(?:[^a-z]|$)/i],
];

/** Config and split that a path means; the `datasets` library reads names in much the same way. */
function placeOf(path: string): { config: string; split: string } {
  const parts = path.split('/');
  const named = [...parts].reverse().find((part) => SPLIT_WORDS.some(([, words]) => words.test(part)));
  const split = SPLIT_WORDS.find(([, words]) => named !== undefined && words.test(named))?.[0] ?? 'train';
  const directory = parts.length > 1 && parts[0] !== named && !/^(?:data|csv|parquet|json)$/i.test(parts[0] ?? '');
  return { config: directory ? (parts[0] ?? 'default') : 'default', split };
}

/**
 * The data files of a repository whose rows no viewer tells of: those that its card names, else those of the best format that it has.
 */
export function dataFilesOfTree(commit: string, files: readonly HubListedFile[], card: CardData): HubDataFile[] {
  const data = files
    .filter(({ path }) => FORMATS.some((pattern) => pattern.test(path)) && !NO_DATA.test(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const named = card.splits.flatMap(({ config, split, paths }) => {
    const tests = paths.map(glob);
    const own = data.filter(({ path }) => tests.some((test) => test(path)));
    return own.map(({ path, bytes }) => ({ config, split, revision: commit, path, bytes }));
  });
  if (named.length > 0) return named;
  const format = FORMATS.find((pattern) => data.some(({ path }) => pattern.test(path)));
  return data
    .filter(({ path }) => format?.test(path))
    .map(({ path, bytes }) => ({ ...placeOf(path), revision: commit, path, bytes }));
}
