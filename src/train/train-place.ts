import type { TrainPlaces } from './train-places.js';
import type { TrainSettings } from './train-settings.js';

/** What is to be run. */
export interface TrainJob {
  settings: TrainSettings;
  places: TrainPlaces;
  /** Whether model and dataset are directories of this machine; else they come from the Hub. */
  local: { model: boolean; dataset: boolean };
  /** UUIDs; none on a machine that trains without. */
  gpus: readonly string[];
  processes: number;
}

/** A recipe that runs. */
export interface TrainProcess {
  /** Whether it ran before this program began: its first lines come again. */
  isTakenUp: boolean;
  /** Resolves when it has ended and all its lines were given. @returns its exit code; null: a signal ended it */
  readonly ended: Promise<number | null>;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Removes what it leaves on this machine. Idempotent, never rejects. */
  remove(): Promise<void>;
}

/** Where a recipe runs. */
export interface TrainPlace {
  /** For people: `container of gymsmith/train`. */
  readonly name: string;
  /**
   * Starts the recipe, or takes up one that runs on the same directory.
   * @param onLine gets each line of standard output
   * @throws TrainError when it cannot be started
   */
  start(job: TrainJob, onLine: (line: string) => void): Promise<TrainProcess>;
}
