import type { DatasetSettings } from '../dataset-settings.js';
import type { DatasetFile } from '../manifest.js';
import type { RowFacts } from '../rows-of.js';

/** A trajectory whose rows go into a shard. */
export interface ShardItem extends RowFacts {
  file: string;
  /** Of the file when it was labelled. */
  sha256: string;
}

/** A shard to be written, in every format. Which rows it holds is decided before anything is read. */
export interface ShardJob {
  /** Of the dataset under construction. */
  directory: string;
  split: DatasetFile['split'];
  /** From 0. */
  number: number;
  /** Shards of this split. */
  of: number;
  settings: Pick<DatasetSettings, 'view' | 'truncate_tokens' | 'formats'>;
  items: readonly ShardItem[];
}

/** What came of a shard. */
export interface ShardResult {
  files: DatasetFile[];
  rows: number;
  tokens: number;
  loss_tokens: number;
  truncated: number;
  /** Answers that are no row, because the chat before them is too long. */
  omitted: number;
  /** Trajectories whose rows are full ones, because their files do not say what the model saw. */
  unknown_views: number;
  /** Names come from files: as keys of an object some would mean something else. */
  tasks: { task: string; rows: number }[];
  /** Ids of trajectories that gave no row. */
  without_rows: string[];
}
