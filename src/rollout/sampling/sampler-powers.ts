import type { keepTrajectory, playAttempt } from './play-attempt.js';

/** How one try is played and kept; tests bring their own. */
export interface SamplerPowers {
  play: typeof playAttempt;
  keep: typeof keepTrajectory;
}
