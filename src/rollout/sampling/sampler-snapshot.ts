import type { GateSnapshot } from '../../agent/models/request-gate.js';
import type { Spent } from '../../run/spent.js';

/** How a task stands: attempts = open + running + done + failed. */
export interface TaskProgress {
  task: string;
  attempts: number;
  open: number;
  running: number;
  done: number;
  failed: number;
  /** Of the done ones, those with a valid submission. */
  valid: number;
  /** Tries that others' faults ended, over all processes of the run. */
  faults: number;
}

/** How a server stands. */
export interface ServerProgress {
  url: string;
  /** Episodes under way there. */
  underWay: number;
  /** Most at once, as far as it is known; null: not yet. */
  capacity: number | null;
  /** GPUs that episodes under way hold. */
  gpusHeld: number;
  state: 'open' | 'reconnecting' | 'draining' | 'lost';
}

/** An episode on its way. */
export interface EpisodeUnderWay {
  /** Of the attempt. */
  id: string;
  /** Rounds so far. */
  step: number;
  /** `starts`, `asks the model`, `acts`, `scores`... */
  doing: string;
  /** Since when it does that; `performance.now()`. */
  sinceMs: number;
}

/** How a run of sampling stands: cheap to take, twice a second. */
export interface SamplerSnapshot {
  /** In the order of the tasks. */
  tasks: readonly TaskProgress[];
  models: readonly (GateSnapshot & { name: string })[];
  servers: readonly ServerProgress[];
  underWay: readonly EpisodeUnderWay[];
  /** By all tries of the run, those under way included. */
  spent: Spent;
}
