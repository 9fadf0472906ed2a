import { uniform } from '../../run/uniform.js';
import type { Candidate } from '../candidate.js';

/** Endpoints and resets take seeds of 31 bits. */
const SEEDS = 2 ** 31;

/**
 * @param parts what the seed is for, such as the name of a question and its number
 * @returns a seed for endpoints and resets, the same for the same candidate and parts
 */
export function candidateSeed(
  { seed, id }: Pick<Candidate, 'seed' | 'id'>,
  ...parts: readonly (string | number)[]
): number {
  return Math.floor(uniform(seed, id, ...parts) * SEEDS);
}
