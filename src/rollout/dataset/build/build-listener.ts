import type { SelectionTally } from '../selection/tally-selection.js';

/** How far a part of a build is. */
export interface BuildProgress {
  part: 'labels' | 'shards';
  /** Trajectories, and shards. */
  done: number;
  of: number;
  /** Of them, those that an earlier build left. */
  known: number;
  /** Of trajectories that were read, or of files that were written. */
  bytes: number;
  /** Of this process, without what was left by an earlier one; null: too early to say. */
  secondsLeft: number | null;
}

/** What a build tells whoever watches it. */
export interface BuildListener {
  onProgress?(progress: BuildProgress): void;
  /** A file that is no trajectory, in words that name it. */
  onUnreadable?(fault: string): void;
  /** What is kept and dropped, before anything is written. */
  onSelection?(tally: SelectionTally): void;
  /** What somebody should know who trusts the dataset. */
  onWarning?(text: string): void;
}
