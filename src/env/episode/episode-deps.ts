import type { Baselines } from '../evaluation/baselines.js';
import type { Memories } from '../memory/memory-store.js';
import type { SupplySource } from '../supplies/task-supplies.js';
import type { SandboxSource } from '../workspace/sandbox-source.js';
import type { EpisodeRecord } from './episode-record.js';

/** What an episode needs of its surroundings. */
export interface EpisodeDeps {
  sandboxes: SandboxSource;
  baselines: Baselines;
  /** What agents note for later episodes; without it their notes end with their episode. */
  memories?: Memories;
  /** What tasks need from outside their packs; by default nothing is prepared. */
  supplies?: SupplySource;
  /** Unix time in milliseconds. */
  now?: () => number;
  /** Called with every state that another process could take up: before a command starts, and after every step. */
  onRecord?: (record: EpisodeRecord) => void;
}
