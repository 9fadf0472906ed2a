import type { Spent } from '../../run/spent.js';
import { PUBLISHED_EPISODES } from '../published-episodes.js';

/** What is known of a run before it goes on. */
export interface SamplingBasis {
  /** Attempts that are still to be played, and the GPUs that all of them hold together. */
  attempts: number;
  gpus: number;
  /** Dollars of a million tokens, by the weights of the players; null: not known. */
  price: { input: number; output: number } | null;
  /** Episodes at once. */
  atOnce: number;
  /** Episodes that were played, and what they took; null: none was. */
  played: { episodes: number; seconds: number; spent: Spent } | null;
}

/** What the rest of a run takes. */
export interface SamplingProjection {
  questions: number;
  input_tokens: number;
  output_tokens: number;
  usd: number | null;
  gpu_hours: number;
  /** Of the servers, with so many episodes at once. */
  wall_seconds: number;
}

/** Played episodes from which on their mean takes the place of published ones. */
const LEAST_PLAYED = 8;
export const CASES = ['low', 'expected', 'high'] as const;

/** @returns what is left to do: by the mean of what was played, else by published runs without a prompt cache */
export function projectSampling(basis: SamplingBasis): Record<(typeof CASES)[number], SamplingProjection> {
  const { played } = basis;
  if (played !== null && played.episodes >= LEAST_PLAYED) {
    const each = fromPlayed(basis, played);
    return { low: each, expected: each, high: each };
  }
  const [low, expected, high] = CASES.map((name) => fromPublished(basis, name));
  return { low: low!, expected: expected!, high: high! };
}

function fromPublished(
  { attempts, gpus, price, atOnce }: SamplingBasis,
  name: (typeof CASES)[number],
): SamplingProjection {
  const { questions, input_tokens, output_tokens, question_seconds, sandbox_seconds } = PUBLISHED_EPISODES[name];
  const seconds = question_seconds + sandbox_seconds;
  return {
    questions: attempts * questions,
    input_tokens: attempts * input_tokens,
    output_tokens: attempts * output_tokens,
    usd: price && (attempts * (input_tokens * price.input + output_tokens * price.output)) / 1e6,
    gpu_hours: (gpus * seconds) / 3600,
    wall_seconds: wallSeconds(attempts, seconds, atOnce),
  };
}

function fromPlayed(
  { attempts, gpus, atOnce }: SamplingBasis,
  played: NonNullable<SamplingBasis['played']>,
): SamplingProjection {
  const { episodes, seconds, spent } = played;
  const share = attempts / episodes;
  const isPriced = spent.usd > 0 || spent.unpriced_calls === 0;
  return {
    questions: Math.round(spent.calls * share),
    input_tokens: Math.round(spent.input_tokens * share),
    output_tokens: Math.round(spent.output_tokens * share),
    usd: isPriced ? spent.usd * share : null,
    gpu_hours: (gpus * seconds) / episodes / 3600,
    wall_seconds: wallSeconds(attempts, seconds / episodes, atOnce),
  };
}

/** Whole rounds, because the last episode is waited for. */
function wallSeconds(attempts: number, seconds: number, atOnce: number): number {
  return attempts === 0 ? 0 : Math.max(1, attempts / Math.max(1, atOnce)) * seconds;
}
