import { uniform } from '../../../run/uniform.js';
import type { DatasetSettings } from '../dataset-settings.js';
import type { TrajectoryFacts } from './trajectory-facts.js';

type Comparison = (a: TrajectoryFacts, b: TrajectoryFacts) => number;

/**
 * @returns a total order of trajectories, first the one to keep, that depends on nothing but them and the seed. `best`: by score, those
 *   without one last, then the shortest. `shortest`: by tokens, then the best. What is left equal is decided by chance.
 */
export function rank(order: DatasetSettings['per_task_order'], seed: number): Comparison {
  const chance = (facts: TrajectoryFacts) => uniform(seed, 'select', facts.id);
  const byChance: Comparison = (a, b) => chance(a) - chance(b) || (a.id < b.id ? -1 : 1);
  if (order === 'random') {
    const drawn = new Map<TrajectoryFacts, number>();
    const once = (facts: TrajectoryFacts) => {
      const known = drawn.get(facts) ?? chance(facts);
      drawn.set(facts, known);
      return known;
    };
    return (a, b) => once(a) - once(b) || (a.id < b.id ? -1 : 1);
  }
  if (order === 'shortest') return (a, b) => byLength(a, b) || byScore(a, b) || byChance(a, b);
  return (a, b) => byScore(a, b) || byLength(a, b) || byChance(a, b);
}

const byLength: Comparison = (a, b) => (a.labels?.tokens ?? 0) - (b.labels?.tokens ?? 0);

const byScore: Comparison = (a, b) => {
  if (a.score === null || b.score === null) return Number(a.score === null) - Number(b.score === null);
  return b.score - a.score;
};
