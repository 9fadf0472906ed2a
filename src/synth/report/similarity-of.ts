import type { Topic } from '../candidate.js';
import { TopicIndex } from '../topics/topic-index.js';
import type { SynthReport } from './synth-report.js';

const BINS = 10;

/** @returns how many topics have their most similar other topic at which cosine; empty for fewer than two */
export function similarityOf(topics: readonly Topic[]): SynthReport['topics']['similarity'] {
  if (topics.length < 2) return [];
  const counts = new Array<number>(BINS).fill(0);
  let at = 0;
  for (const cosines of TopicIndex.of(topics).cosines()) {
    let nearest = 0;
    for (let other = 0; other < cosines.length; other += 1) {
      if (other !== at && cosines[other]! > nearest) nearest = cosines[other]!;
    }
    const bin = Math.min(BINS - 1, Math.floor(nearest * BINS));
    counts[bin] = counts[bin]! + 1;
    at += 1;
  }
  return counts.map((count, bin) => ({ from: bin / BINS, to: (bin + 1) / BINS, count }));
}
