import type { Attempt } from '../candidate.js';

/** @param number 0 is the first @returns an attempt of which nothing is known yet */
export function newAttempt(number: number, how: Attempt['how']): Attempt {
  return { number, how, verdict: null, fault: null, detail: null, evidence: null, gates: [] };
}
