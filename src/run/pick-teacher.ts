import { uniform } from './uniform.js';

/**
 * @param seed of what is to be made
 * @param weights of the teachers, each above 0
 * @returns position of the one that makes it, the same for the same seed
 */
export function pickTeacher(seed: number, weights: readonly number[]): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = uniform('teacher', seed) * total;
  for (const [at, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return at;
  }
  return weights.length - 1;
}
