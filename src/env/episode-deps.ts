import type { Baselines } from './baselines.js';
import type { EpisodeRecord } from './episode-record.js';
import type { SandboxSource } from './sandbox-source.js';

/** What an episode needs of its surroundings. */
export interface EpisodeDeps {
  sandboxes: SandboxSource;
  baselines: Baselines;
  /** Unix time in milliseconds. */
  now?: () => number;
  /** Called with every state that another process could take up: before a command starts, and after every step. */
  onRecord?: (record: EpisodeRecord) => void;
}
