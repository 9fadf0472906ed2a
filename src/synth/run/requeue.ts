import type { Candidate } from '../candidate.js';
import { REASONS, type Reason } from '../reasons.js';

/** Reasons that a later try may not meet again: others' faults, of which nothing is kept. */
export const RETRYABLE = (Object.keys(REASONS) as Reason[]).filter((reason) => REASONS[reason].by === 'time');

/** @returns the candidate before the stage that ended it, for candidates that ended for one of the reasons; null for others */
export function requeued(candidate: Candidate, reasons: readonly Reason[]): Candidate | null {
  const { state, reason, ended_in } = candidate;
  if (state !== 'rejected' || reason === null || !reasons.includes(reason) || !ended_in) return null;
  return { ...candidate, state: ended_in, reason: null, detail: null, ended_in: null };
}
