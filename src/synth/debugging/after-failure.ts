import { uniform } from '../../run/uniform.js';
import type { Candidate } from '../candidate.js';
import { REASONS } from '../reasons.js';
import type { SynthSettings } from '../settings.js';
import { rejected } from '../stage.js';
import { newAttempt } from './new-attempt.js';

/**
 * Decides what becomes of a candidate whose last attempt failed: with probability `p_debug` the programs are repaired with the
 * evidence, else written anew, at most `debug_iterations` times; then, and at once after a fault that no program can mend, it is
 * rejected for the fault of the last attempt. The choice follows from the candidate's seed, its id and the number of the attempt.
 * @returns the candidate with the next attempt under way in state `generation`, or rejected; itself when its last attempt did not fail
 */
export function afterFailure(
  candidate: Candidate,
  settings: Pick<SynthSettings, 'p_debug' | 'debug_iterations'>,
): Candidate {
  const last = candidate.attempts.at(-1);
  if (last?.verdict !== 'failed' || last.fault === null || candidate.state === 'rejected') return candidate;
  const detail = last.detail ?? REASONS[last.fault].text;
  if (REASONS[last.fault].by !== 'code') return rejected(candidate, last.fault, detail);
  const { length } = candidate.attempts;
  if (length > settings.debug_iterations) {
    return rejected(candidate, last.fault, `${detail} (${length} ${length === 1 ? 'attempt' : 'attempts'})`);
  }
  const isRepair = uniform(candidate.seed, candidate.id, last.number) < settings.p_debug;
  const next = newAttempt(last.number + 1, isRepair ? 'repair' : 'restart');
  // What was measured and played belongs to the programs that failed.
  return { ...candidate, state: 'generation', attempts: [...candidate.attempts, next], baseline: null, episodes: [] };
}
