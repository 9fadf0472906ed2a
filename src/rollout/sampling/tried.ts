import type { Attempt } from '../../store/attempt.js';
import type { PlayerState } from './player-state.js';
import type { NextAttempt } from './scheduler.js';
import type { ServerGovernor } from './server-governor.js';
import type { Trying } from './trying.js';

/** A try that is over. */
export interface Tried {
  next: NextAttempt;
  attempt: Attempt;
  trying: Trying;
  governor: ServerGovernor;
  state: PlayerState;
  /** From its reset to its close. */
  seconds: number;
}
