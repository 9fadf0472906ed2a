import { uniform } from '../../run/uniform.js';

/** Seeds are whole numbers below this: what every endpoint and every reset takes. */
const SEEDS = 2 ** 31;

/** @returns the seed of an attempt; the same for every player, so that they meet the same episode */
export function attemptSeed(seed: number, task: string, number: number): number {
  return Math.floor(uniform('attempt', seed, task, number) * SEEDS);
}
