import { isSilent, lastWords } from './out-of-patience.js';
import type { PlayerState } from './player-state.js';

/** Says once of each model that it has not answered for too long while others do, and once that it answers again. */
export function tellSilent(players: readonly PlayerState[], patienceMs: number, tell: (text: string) => void): void {
  for (const state of players) {
    const wasSilent = state.isSilent;
    state.isSilent = isSilent(state, patienceMs);
    if (state.isSilent === wasSilent) continue;
    if (state.isSilent) tell(`${lastWords(state)}. It does not answer; its attempts wait while other models play.`);
    else tell(`${state.player.name} answers again.`);
  }
}
