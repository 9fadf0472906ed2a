import type { Baselines } from '../evaluation/baselines.js';
import type { SandboxSource } from '../workspace/sandbox-source.js';
import type { EpisodeRecord } from './episode-record.js';

/** What an episode needs of its surroundings. */
export interface EpisodeDeps {
  sandboxes: SandboxSource;
  baselines: Baselines;
  /** Unix time in milliseconds. */
  now?: () => number;
  /** Called with every state that another process could take up: before a command starts, and after every step. */
  onRecord?: (record: EpisodeRecord) => void;
}
