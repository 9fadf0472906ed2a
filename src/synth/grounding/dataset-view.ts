import type { HubFeature, HubSplit } from '../candidate.js';
import type { SynthSettings } from '../settings.js';
import { isBlockedConfig } from './block-list.js';
import { cutText } from './cut-text.js';
import { isFileFeature } from './feature-words.js';
import type { Hub, HubDataFile } from './hub/hub.js';

/** Subsets whose columns are shown, and at most looked for. */
const MOST_PARTS = 4;
const MOST_TRIES = 8;
/** Columns that a question can list and a task describe. */
const MOST_COLUMNS = 500;
/** Characters of a sample row, all cells together, however many there are. */
const ROW_CHARACTERS = 16_000;
const LEAST_CELL_CHARACTERS = 8;
/** Headers of tables, and lists of columns, are of one line. */
const COLUMN_NAME = /^[^\p{Cc}\p{Zl}\p{Zp}]{1,200}$/u;

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

/** Why a dataset is not looked at any further. */
type ViewFault = 'dataset_no_rows' | 'dataset_too_large' | 'dataset_blocked' | 'dataset_unsuitable';

/**
 * Looks at a dataset: its splits, files, columns and first rows.
 * @throws StageFault; the signal's reason
 */
export async function viewDataset(
  repo: string,
  hub: Hub,
  settings: SynthSettings['hub'],
  signal: AbortSignal,
): Promise<DatasetView | { reason: ViewFault; detail: string }> {
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
  let widest = 0;
  for (const { config, split } of mainSplits(splits).slice(0, MOST_TRIES)) {
    const seen = await hub.firstRows(repo, config, split, signal);
    if (!seen || seen.rows.length === 0) continue;
    const features = seen.features.filter(({ name }) => COLUMN_NAME.test(name));
    widest = Math.max(widest, features.length);
    if (features.length === 0 || features.length > MOST_COLUMNS) continue;
    const rows = seen.rows.slice(0, settings.sample_rows);
    const characters = cellCharacters(features.length, settings.cell_characters);
    parts.push({ config, split, features, rows: rows.map((row) => cutRow(row, features, characters)) });
    if (parts.length === MOST_PARTS) break;
  }
  if (parts.length === 0 && widest > MOST_COLUMNS) {
    const detail = `${repo} has ${widest} columns; ${MOST_COLUMNS} are the most that a task can describe.`;
    return { reason: 'dataset_unsuitable', detail };
  }
  if (parts.length === 0) return { reason: 'dataset_no_rows', detail: `The viewer shows no rows of ${repo}.` };
  return { splits, files, parts };
}

/** @returns how much of each cell of a sample row is shown, so that rows of many columns stay readable */
export function cellCharacters(columns: number, wanted: number): number {
  return Math.min(wanted, Math.max(LEAST_CELL_CHARACTERS, Math.floor(ROW_CHARACTERS / Math.max(1, columns))));
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
