import type { Urgency } from '../../run/turnstile.js';
import type { Candidate } from '../candidate.js';
import { numbersOf } from '../candidate-id.js';
import { placeOf } from './stage-of.js';

/**
 * Who goes first. While candidates wait to be begun: those further along, so that tasks come out early and few are half done. When all
 * are begun: those that have most before them, because what takes long and begins late is what everybody waits for at the end. Then
 * those that were sent back most often, those with the longest baselines, and the order of ids.
 * @param isLastLeg all candidates are begun
 * @param seconds that the candidate had sandboxes for in this pass
 */
export function urgencyOf(candidate: Candidate, isLastLeg: boolean, seconds: number): Urgency {
  const { attempts, proposal, id } = candidate;
  const place = placeOf(candidate);
  const first = isLastLeg ? [place, seconds] : [-place];
  return [...first, -attempts.length, -(proposal?.baseline_minutes ?? 0), numbersOf(id)?.topic ?? 0];
}
