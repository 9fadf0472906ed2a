import { TextIndex } from '../../topics/text-index.js';
import type { EarlierTask } from './contamination-sources.js';
import { wordGrams, wordsHash } from './word-grams.js';

/** Descriptions are longer than topics and share more of their words: from this cosine on, one repeats the other. */
const SIMILAR = 0.75;
/** Share of the sequences of 14 words from which on a description was taken over. */
const TAKEN_OVER = 0.5;

/** Texts that share half of their long sequences of words are at least this similar. */
const RELATED = 0.3;

/** How near a task comes to another one. */
export interface Repeated {
  id: string;
  name: string;
  cosine: number;
  shared_grams: number;
}

function sharedGrams(own: ReadonlySet<number>, theirs: ReadonlySet<number>): number {
  let shared = 0;
  for (const gram of own) if (theirs.has(gram)) shared += 1;
  return shared;
}

/**
 * Looks among other tasks for the one that a task comes nearest to.
 * @returns it, and whether it is repeated: equal words, nearly the same words, or long passages of it; null when there are none
 */
export function findRepeated(
  task: { name: string; description: string },
  others: readonly EarlierTask[],
): { repeats: boolean; nearest: Repeated } | null {
  if (others.length === 0) return null;
  const index = TextIndex.of(others.map(({ name, description }) => `${name}. ${description}`));
  const cosines = index.cosines(`${task.name}. ${task.description}`);
  const hash = wordsHash(task.description);
  const own = wordGrams(task.description);
  let found: { repeats: boolean; nearest: Repeated } | null = null;
  for (const [at, { id, name, description }] of others.entries()) {
    const cosine = cosines[at]!;
    const shared = cosine < RELATED ? 0 : sharedGrams(own, wordGrams(description));
    const repeats =
      cosine >= SIMILAR || wordsHash(description) === hash || (own.size > 0 && shared / own.size >= TAKEN_OVER);
    const nearest = { id, name, cosine, shared_grams: shared };
    const isNearer =
      !found || (repeats && !found.repeats) || (repeats === found.repeats && cosine > found.nearest.cosine);
    if (isNearer) found = { repeats, nearest };
  }
  return found;
}
