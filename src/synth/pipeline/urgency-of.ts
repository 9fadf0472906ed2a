import type { Candidate } from '../candidate.js';
import { placeOf } from './stage-of.js';
import type { Urgency } from './turnstile.js';

/**
 * Who goes first: those further along, so that tasks come out early and few are half done; then those that were sent back most often and
 * those with the longest baselines, because what begins late and takes long is what everybody waits for at the end; then the order of
 * ids.
 */
export function urgencyOf(candidate: Candidate): Urgency {
  const { attempts, proposal, id } = candidate;
  return [-placeOf(candidate), -attempts.length, -(proposal?.baseline_minutes ?? 0), Number.parseInt(id, 10)];
}
