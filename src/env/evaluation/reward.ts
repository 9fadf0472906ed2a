import type { REWARDS } from '../../protocol/index.js';
import type { Direction } from '../task.js';

/** One of the ways in which a score becomes a reward. */
export type RewardName = (typeof REWARDS)[number];

/** Everything that a reward may depend on. */
export interface RewardFacts {
  score: number;
  baseline: number | null;
  direction: Direction;
  /** Least and greatest possible score. */
  bounds: readonly [number, number] | null;
  /** Difference of two scores that is noise. */
  tolerance: number;
}

/** A baseline nearer to zero than this cannot scale a difference. */
const ZERO = 1e-9;

/** Steps of `ladder`: from this gain on, this reward. */
const RUNGS: readonly (readonly [gain: number, reward: number])[] = [
  [0.5, 1],
  [0.25, 0.8],
  [0.1, 0.6],
];
const RUNG_VALID = 0.1;
const RUNG_BASELINE = 0.2;
const RUNG_BETTER = 0.4;

function sign(direction: Direction): 1 | -1 {
  return direction === 'maximize' ? 1 : -1;
}

/** Without a baseline, a score is compared with zero. */
function advance({ score, baseline, direction }: RewardFacts): number {
  return sign(direction) * (score - (baseline ?? 0));
}

/**
 * Signed relative improvement over the baseline: `±(score - baseline) / |baseline|`, positive when better. Unbounded
 * above for maximised metrics, at most 1 for minimised ones that stay positive. A baseline of zero has no scale of its
 * own: the distance of the bounds stands in, or 1 without bounds.
 */
export function improvement({ score, baseline, direction, bounds }: RewardFacts): number {
  const size = Math.abs(baseline ?? 0);
  const halfSpan = bounds ? halfway(bounds[0], bounds[1]) : 0.5;
  const halfScale = size > ZERO ? size / 2 : halfSpan > ZERO ? halfSpan : 0.5;
  return clean((sign(direction) * halfway(baseline ?? 0, score)) / halfScale);
}

/**
 * Where the score lies between its bounds, 0 worst and 1 best. Without bounds the improvement x is squeezed to
 * `1/2 + x / (2 + 2|x|)`: 0.5 at the baseline.
 */
export function normalized(facts: RewardFacts): number {
  if (!facts.bounds || facts.bounds[1] <= facts.bounds[0]) {
    const x = improvement(facts);
    return 0.5 + x / (2 + 2 * Math.abs(x));
  }
  const [least, greatest] = facts.bounds;
  const share = Math.min(1, Math.max(0, halfway(least, facts.score) / (halfway(least, greatest) || 1)));
  return facts.direction === 'maximize' ? share : 1 - share;
}

/** 1 when the score beats the baseline by more than noise, or when there is none to beat; else 0. */
export function binary(facts: RewardFacts): number {
  return facts.baseline === null || advance(facts) > facts.tolerance ? 1 : 0;
}

/**
 * Rungs: 0.1 for a valid score, 0.2 when it is within noise of the baseline, 0.4 when it is better, then 0.6, 0.8 and 1
 * from a gain of 0.1, 0.25 and 0.5 on. Gain: share of the way from the baseline to the best bound; without bounds the
 * relative improvement.
 */
export function ladder(facts: RewardFacts): number {
  if (facts.baseline === null) return RUNG_VALID;
  const ahead = advance(facts);
  if (ahead < -facts.tolerance) return RUNG_VALID;
  if (ahead <= facts.tolerance) return RUNG_BASELINE;
  const best = facts.bounds?.[facts.direction === 'maximize' ? 1 : 0];
  const way = best === undefined ? 0 : Math.abs(best - facts.baseline);
  const gain = way > ZERO ? ahead / way : improvement(facts);
  return RUNGS.find(([from]) => gain >= from)?.[1] ?? RUNG_BETTER;
}

/**
 * Ranks of a group's scores: the share of the others that each one beats, ties counting half; 0.5 for a group of one.
 * An episode does not know its group: under `rank` it pays the score with its sign turned so that more is better, and
 * whoever holds the group ranks with this.
 */
export function groupRanks(scores: readonly number[], direction: Direction): number[] {
  const turned = scores.map((score) => sign(direction) * score).sort((a, b) => a - b);
  const others = scores.length - 1;
  return scores.map((score) => {
    if (others === 0) return 0.5;
    const own = sign(direction) * score;
    const first = turned.indexOf(own);
    const last = turned.lastIndexOf(own);
    return (first + (last - first) / 2) / others;
  });
}

/**
 * The reward of a score.
 * @returns always a finite number; `none` gives 0, as MLGym does
 */
export function reward(name: RewardName, facts: RewardFacts): number {
  switch (name) {
    case 'improvement':
      return improvement(facts);
    case 'score':
      return facts.score;
    case 'normalized':
      return normalized(facts);
    case 'binary':
      return binary(facts);
    case 'ladder':
      return ladder(facts);
    case 'rank':
      return clean(sign(facts.direction) * facts.score);
    case 'none':
      return 0;
  }
}

/** Half of a difference: that of two doubles may be beyond their range, and halves are exact. */
function halfway(from: number, to: number): number {
  return to / 2 - from / 2;
}

/** Quotients beyond the range of a double stay finite, and there is no negative zero. */
function clean(value: number): number {
  return Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, value)) + 0;
}
