import type { Outage } from './outage.js';
import type { Refusals } from './refusals.js';
import type { Player } from './sampler-options.js';

/** What is known of a player in this process. */
export interface PlayerState {
  player: Player;
  outage: Outage;
  /** Nothing of it is begun before. */
  blockedUntilMs: number;
  hasAnswered: boolean;
  /** What its resets were refused for; null: one was not. */
  refusals: Refusals | null;
  /** It was said that it is waited for. */
  isSilent: boolean;
}
