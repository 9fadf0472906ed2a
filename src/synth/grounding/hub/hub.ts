import type { HubFeature, HubSplit } from '../../candidate.js';

/** A dataset of the Hub as its own page tells it. */
export interface HubDataset {
  /** Name that the Hub gives it; a renamed one is found by its old name. */
  repo: string;
  commit: string;
  isGated: boolean;
  isDisabled: boolean;
  licence: string | null;
  downloads: number;
  likes: number;
  tags: readonly string[];
}

/** A file that holds rows of a split. */
export interface HubDataFile {
  config: string;
  split: string;
  /** Address-independent: revision and path within the repository. */
  revision: string;
  path: string;
  bytes: number;
}

/**
 * The Hub and its dataset viewer, as far as grounding asks them. Answers are kept in the run's journal; files in a cache that runs
 * share, by revision. All methods throw StageFault `hub_unavailable` when the Hub fails, and the signal's reason.
 */
export interface Hub {
  /** @returns null when there is none, or none that may be seen */
  dataset(id: string, signal: AbortSignal): Promise<HubDataset | null>;
  /** @returns what a search finds, as the Hub ranks it */
  search(query: string, signal: AbortSignal): Promise<HubDataset[]>;
  splits(repo: string, signal: AbortSignal): Promise<HubSplit[]>;
  /** @returns null when the viewer shows no rows of it */
  firstRows(
    repo: string,
    config: string,
    split: string,
    signal: AbortSignal,
  ): Promise<{ features: HubFeature[]; rows: Record<string, unknown>[] } | null>;
  /** @returns the files that hold the rows, as Parquet */
  dataFiles(repo: string, signal: AbortSignal): Promise<HubDataFile[]>;
  /** Brings files here, each once. @returns paths on this machine, in order @throws DataFault where they are larger than may be */
  download(
    repo: string,
    files: readonly HubDataFile[],
    options: { maxBytes: number; signal: AbortSignal; onBytes?: (done: number, total: number) => void },
  ): Promise<string[]>;
}
