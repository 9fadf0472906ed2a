import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  binary,
  groupRanks,
  improvement,
  ladder,
  normalized,
  type RewardFacts,
  reward,
} from '../../src/env/evaluation/reward.js';
import { REWARDS } from '../../src/protocol/index.js';

const facts = (part: Partial<RewardFacts>): RewardFacts => ({
  score: 0,
  baseline: null,
  direction: 'maximize',
  bounds: null,
  tolerance: 0,
  ...part,
});

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const anyFacts = fc.record({
  score: finite,
  baseline: fc.option(finite),
  direction: fc.constantFrom('maximize' as const, 'minimize' as const),
  bounds: fc.option(fc.tuple(finite, finite).map(([a, b]): [number, number] => [Math.min(a, b), Math.max(a, b)])),
  tolerance: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('reward [R1]', () => {
  it.each([
    [{ score: 0.6, baseline: 0.5 }, 0.2],
    [{ score: 0.4, baseline: 0.5 }, -0.2],
    [{ score: 8, baseline: 16, direction: 'minimize' as const }, 0.5],
    [{ score: 32, baseline: 16, direction: 'minimize' as const }, -1],
    [{ score: 0, baseline: -0.25 }, 1],
    [{ score: 3, baseline: 0 }, 3],
    [{ score: 3, baseline: 0, bounds: [0, 10] as const }, 0.3],
    [{ score: 2, baseline: null }, 2],
    [{ score: 2, baseline: null, direction: 'minimize' as const }, -2],
  ])('improvement of %j is %d', (part, expected) => expect(improvement(facts(part))).toBeCloseTo(expected, 12));

  it.each([
    [{ score: 0.75, bounds: [0, 1] as const }, 0.75],
    [{ score: 25, bounds: [0, 100] as const, direction: 'minimize' as const }, 0.75],
    [{ score: 2, bounds: [0, 1] as const }, 1],
    [{ score: 5, baseline: 5 }, 0.5],
    [{ score: 10, baseline: 5 }, 0.75],
    [{ score: 0, baseline: 5 }, 0.25],
  ])('normalized of %j is %d', (part, expected) => expect(normalized(facts(part))).toBeCloseTo(expected, 12));

  it('binary pays only for more than noise', () => {
    expect(binary(facts({ score: 0.51, baseline: 0.5, tolerance: 0.02 }))).toBe(0);
    expect(binary(facts({ score: 0.53, baseline: 0.5, tolerance: 0.02 }))).toBe(1);
    expect(binary(facts({ score: 0.4, baseline: 0.5, direction: 'minimize' }))).toBe(1);
    expect(binary(facts({ score: 0.4 }))).toBe(1);
  });

  it.each([
    [{ score: 0.4, baseline: 0.5 }, 0.1],
    [{ score: 0.5, baseline: 0.5 }, 0.2],
    [{ score: 0.52, baseline: 0.5, bounds: [0, 1] as const }, 0.4],
    [{ score: 0.55, baseline: 0.5, bounds: [0, 1] as const }, 0.6],
    [{ score: 0.65, baseline: 0.5, bounds: [0, 1] as const }, 0.8],
    [{ score: 0.8, baseline: 0.5, bounds: [0, 1] as const }, 1],
    [{ score: 0.5, baseline: 1, bounds: [0, 10] as const, direction: 'minimize' as const }, 1],
    [{ score: 1.3, baseline: 1 }, 0.8],
    [{ score: 1.3 }, 0.1],
    [{ score: 1, baseline: 1, bounds: [0, 1] as const }, 0.2],
  ])('ladder of %j is %d', (part, expected) => expect(ladder(facts(part))).toBe(expected));

  it('is finite for every score, and never a negative zero', () => {
    fc.assert(
      fc.property(fc.constantFrom(...REWARDS), anyFacts, (name, given) => {
        const value = reward(name, given);
        expect(Number.isFinite(value)).toBe(true);
        if (name !== 'score') expect(Object.is(value, -0)).toBe(false);
      }),
    );
  });

  it('never pays less for a better score', () => {
    const small = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    const modest = fc.record({
      baseline: fc.option(small),
      direction: fc.constantFrom('maximize' as const, 'minimize' as const),
      bounds: fc.option(fc.constant([-1e6, 1e6] as const)),
      tolerance: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const names = fc.constantFrom(...REWARDS.filter((name) => name !== 'score'));
    fc.assert(
      fc.property(names, modest, small, small, (name, rest, a, b) => {
        const sign = rest.direction === 'maximize' ? 1 : -1;
        const [worse, better] = [a, b].sort((x, y) => sign * (x - y)) as [number, number];
        expect(reward(name, { ...rest, score: better })).toBeGreaterThanOrEqual(
          reward(name, { ...rest, score: worse }),
        );
      }),
    );
  });

  it('keeps bounded schemes in their bounds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('normalized' as const, 'binary' as const, 'ladder' as const),
        anyFacts,
        (name, given) => {
          const value = reward(name, given);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('pays raw values as they are', () => {
    expect(reward('score', facts({ score: 3.5, direction: 'minimize' }))).toBe(3.5);
    expect(reward('rank', facts({ score: 3.5, direction: 'minimize' }))).toBe(-3.5);
    expect(reward('none', facts({ score: 3.5 }))).toBe(0);
  });
});

describe('groupRanks [R1]', () => {
  it('ranks within the group, ties in the middle', () => {
    expect(groupRanks([1, 3, 2], 'maximize')).toEqual([0, 1, 0.5]);
    expect(groupRanks([1, 3, 2], 'minimize')).toEqual([1, 0, 0.5]);
    expect(groupRanks([2, 2, 2], 'maximize')).toEqual([0.5, 0.5, 0.5]);
    expect(groupRanks([7], 'maximize')).toEqual([0.5]);
    expect(groupRanks([], 'maximize')).toEqual([]);
  });

  it('has the same mean for every group', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 12 }), (scores) => {
        const ranks = groupRanks(scores, 'maximize');
        expect(ranks.reduce((sum, rank) => sum + rank, 0) / ranks.length).toBeCloseTo(0.5, 12);
      }),
    );
  });
});
