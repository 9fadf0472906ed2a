import { z } from 'zod';
import type { Topic } from '../candidate.js';
import { AXES, type Axis } from './axes.js';
import { TopicIndex } from './topic-index.js';

/** Topics whose cosine is at least this belong to one cluster. */
const CLUSTER_SIMILARITY = 0.35;

const share = z.number().min(0).max(1);

/** How different the topics of a run are. */
export const TopicDiversity = z.strictObject({
  topics: z.int(),
  /** By axis: how often each value occurs, and the entropy over the greatest possible for so many topics and values. */
  axes: z.record(
    z.enum(AXES),
    z.strictObject({ counts: z.record(z.string(), z.int()), distinct: z.int(), entropy: share }),
  ),
  /** Distinct combinations of the four axes. */
  cells: z.int(),
  /** One minus the cosine with the most similar other topic; null for fewer than two topics. */
  nearest: z.strictObject({ mean: share, min: share, pair: z.tuple([z.string(), z.string()]) }).nullable(),
  /** Groups of topics that similar ones hold together. */
  clusters: z.int(),
  largest_cluster: z.int(),
});
export type TopicDiversity = z.output<typeof TopicDiversity>;

/** Shannon entropy of counts, divided by its maximum for this many values: 1 evenly spread, 0 all in one value. */
function normalisedEntropy(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length < 2) return 0;
  const entropy = counts.reduce((sum, count) => sum - (count / total) * Math.log(count / total), 0);
  return Math.min(1, entropy / Math.log(counts.length));
}

function axis(topics: readonly Topic[], name: Axis): TopicDiversity['axes'][Axis] {
  const counts = new Map<string, number>();
  for (const topic of topics) {
    const value = topic[name].trim().toLowerCase();
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return {
    counts: Object.fromEntries(sorted),
    distinct: sorted.length,
    entropy: normalisedEntropy(sorted.map(([, count]) => count)),
  };
}

/** Measures how different topics are, in the order in which they were accepted. */
export function measureDiversity(topics: readonly Topic[]): TopicDiversity {
  const parents = topics.map((_, at) => at);
  const root = (at: number): number => {
    let top = at;
    while (parents[top] !== top) top = parents[top]!;
    parents[at] = top;
    return top;
  };
  const distances: number[] = [];
  let closest = { distance: Number.POSITIVE_INFINITY, pair: [0, 0] as [number, number] };
  let at = 0;
  for (const cosines of TopicIndex.of(topics).cosines()) {
    let nearest = -1;
    for (let other = 0; other < cosines.length; other += 1) {
      if (other === at) continue;
      if (nearest < 0 || cosines[other]! > cosines[nearest]!) nearest = other;
      if (cosines[other]! >= CLUSTER_SIMILARITY) parents[root(other)] = root(at);
    }
    if (nearest >= 0) {
      const distance = 1 - cosines[nearest]!;
      distances.push(distance);
      if (distance < closest.distance) closest = { distance, pair: [at, nearest] };
    }
    at += 1;
  }
  const sizes = new Map<number, number>();
  for (const [position] of topics.entries()) sizes.set(root(position), (sizes.get(root(position)) ?? 0) + 1);
  const [one, two] = closest.pair;
  return {
    topics: topics.length,
    axes: Object.fromEntries(AXES.map((name) => [name, axis(topics, name)])) as TopicDiversity['axes'],
    cells: new Set(topics.map((topic) => AXES.map((name) => topic[name].trim().toLowerCase()).join('/'))).size,
    nearest:
      distances.length === 0
        ? null
        : {
            mean: distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
            min: closest.distance,
            pair: [topics[one]!.title, topics[two]!.title],
          },
    clusters: sizes.size,
    largest_cluster: Math.max(0, ...sizes.values()),
  };
}
