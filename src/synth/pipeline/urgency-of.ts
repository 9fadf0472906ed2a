import { type Candidate, STAGES, type StageName } from '../candidate.js';
import type { Urgency } from './turnstile.js';

/**
 * Who goes first: those further along, because what they hold (a sandbox in the middle of an episode) is scarce; then those that were
 * sent back most often and those with the longest baselines, because what begins late and takes long is what everybody waits for at the
 * end; then the order of ids.
 */
export function urgencyOf({ state, attempts, proposal, id }: Candidate): Urgency {
  const stage = STAGES.indexOf(state as StageName);
  return [-stage, -attempts.length, -(proposal?.baseline_minutes ?? 0), Number.parseInt(id, 10)];
}
