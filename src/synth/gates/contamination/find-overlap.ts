import type { BenchmarkPrint } from './benchmark-print.js';
import { wordGrams, wordsHash } from './word-grams.js';

/** A text of a task being judged. */
export interface JudgedText {
  /** `description`, or the path of a file. */
  name: string;
  text: string;
}

/** A task of a benchmark that a text repeats. */
export interface Overlap {
  benchmark: string;
  task: string;
  text: string;
  /** Shared grams, and their share of those of the text. */
  grams: number;
  share: number;
}

/**
 * From how much on a text repeats another. Three neighbouring grams are 16 words in a row; programs of one trade share more of their
 * words than descriptions do, mostly where they read arguments and print results.
 */
const LIMITS = {
  description: { grams: 3, share: 0.05 },
  code: { grams: 10, share: 0.3 },
} as const;

/**
 * Looks for what texts share with benchmarks, by sequences of 14 words and by the whole description.
 * @returns the worst overlap whether or not it goes too far (`repeats` says so); null when nothing is shared
 */
export function findOverlap(
  texts: readonly JudgedText[],
  benchmarks: readonly BenchmarkPrint[],
): { repeats: boolean; worst: Overlap } | null {
  let found: { repeats: boolean; worst: Overlap } | null = null;
  const consider = (worst: Overlap, repeats: boolean): void => {
    const isWorse =
      !found || (repeats && !found.repeats) || (repeats === found.repeats && worst.share > found.worst.share);
    if (isWorse) found = { repeats, worst };
  };
  for (const { name, text } of texts) {
    const own = wordGrams(text);
    const limits = name === 'description' ? LIMITS.description : LIMITS.code;
    const hash = name === 'description' ? wordsHash(text) : null;
    for (const benchmark of benchmarks) {
      for (const task of benchmark.tasks) {
        let grams = 0;
        for (const gram of own) if (task.grams.has(gram)) grams += 1;
        const isSame = hash === task.description;
        if (grams === 0 && !isSame) continue;
        const share = isSame ? 1 : grams / own.size;
        const overlap = { benchmark: benchmark.name, task: task.name, text: name, grams, share };
        consider(overlap, isSame || (grams >= limits.grams && share >= limits.share));
      }
    }
  }
  return found;
}
