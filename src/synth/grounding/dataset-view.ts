import type { HubFeature, HubSplit } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import { isBlockedConfig } from './block-list.js';
import { cutText } from './cut-text.js';
import { isFileFeature } from './feature-words.js';
import type { Hub, HubDataFile } from './hub.js';

/** Subsets whose columns are shown, and at most looked for. */
const MOST_PARTS = 4;
const MOST_TRIES = 8;

/** A split whose columns were looked at. */
export interface DatasetPart {
  config: string;
  split: string;
  features: HubFeature[];
  /** Cells as texts, cut. */
  rows: Record<string, string>[];
}

/** What there is to see of a dataset. */
export interface DatasetView {
  /** Those that may be used, by size. */
  splits: HubSplit[];
  files: HubDataFile[];
  parts: DatasetPart[];
}

/**
 * Looks at a dataset: its splits, files, columns and first rows.
 * @throws StageFault; the signal's reason
 */
export async function viewDataset(
  repo: string,
  hub: Hub,
  settings: SynthSettings['hub'],
  signal: AbortSignal,
): Promise<DatasetView | { reason: 'dataset_no_rows' | 'dataset_too_large' | 'dataset_blocked'; detail: string }> {
  const told = await hub.splits(repo, signal);
  const all = told.filter(({ config }) => !isBlockedConfig(repo, config));
  if (all.length === 0 && told.length > 0) {
    return { reason: 'dataset_blocked', detail: `Every subset of ${repo} belongs to a benchmark.` };
  }
  const files = all.length === 0 ? [] : await hub.dataFiles(repo, signal);
  const sized = all
    .map((split) => ({ ...split, bytes: bytesOf(files, split) }))
    .filter(({ bytes, rows }) => bytes > 0 && rows !== 0);
  if (sized.length === 0)
    return { reason: 'dataset_no_rows', detail: `Neither viewer nor files show rows of ${repo}.` };
  const splits = sized.filter(({ bytes }) => bytes <= settings.max_bytes);
  if (splits.length === 0) {
    const least = Math.min(...sized.map(({ bytes }) => bytes));
    const detail = `The smallest split of ${repo} takes ${least} bytes; ${settings.max_bytes} may be downloaded.`;
    return { reason: 'dataset_too_large', detail };
  }
  const parts: DatasetPart[] = [];
  for (const { config, split } of mainSplits(splits).slice(0, MOST_TRIES)) {
    const seen = await hub.firstRows(repo, config, split, signal);
    if (!seen || seen.rows.length === 0) continue;
    const rows = seen.rows.slice(0, settings.sample_rows);
    parts.push({
      config,
      split,
      features: seen.features,
      rows: rows.map((row) => cutRow(row, seen.features, settings.cell_characters)),
    });
    if (parts.length === MOST_PARTS) break;
  }
  if (parts.length === 0) return { reason: 'dataset_no_rows', detail: `The viewer shows no rows of ${repo}.` };
  return { splits, files, parts };
}

/** @param text of a cell. @returns its beginning, with a mark where it was cut */
export function cutCell(text: string, characters: number): string {
  return text.length <= characters ? text : `${cutText(text, characters)}...`;
}

function bytesOf(files: readonly HubDataFile[], { config, split }: HubSplit): number {
  return files
    .filter((file) => file.config === config && file.split === split)
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

/** One split of each subset, the one that tasks are made from most often; `default` and the largest subsets first. */
function mainSplits(splits: readonly HubSplit[]): HubSplit[] {
  const best = new Map<string, HubSplit>();
  const weight = ({ split, bytes }: HubSplit) => (/^train/.test(split) ? 2 ** 50 : 0) + (bytes ?? 0);
  for (const split of splits) {
    const other = best.get(split.config);
    if (!other || weight(split) > weight(other)) best.set(split.config, split);
  }
  const order = ({ config, bytes }: HubSplit) => (config === 'default' ? 2 ** 50 : (bytes ?? 0));
  return [...best.values()].sort((a, b) => order(b) - order(a) || (a.config < b.config ? -1 : 1));
}

function cutRow(
  row: Record<string, unknown>,
  features: readonly HubFeature[],
  characters: number,
): Record<string, string> {
  const cells = features.map((feature) => [feature.name, cutCell(shown(row[feature.name], feature), characters)]);
  return Object.fromEntries(cells) as Record<string, string>;
}

function shown(value: unknown, feature: HubFeature): string {
  const { type, class_names } = feature;
  if (value === null || value === undefined) return '';
  if (class_names && value !== '') return class_names[Number(value)] ?? String(value);
  if (isFileFeature(feature)) {
    const { height, width } = value as { height?: number; width?: number };
    return width && height ? `<${type} of ${width} x ${height}>` : `<${type}>`;
  }
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
