import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { uniform } from '../../src/run/uniform.js';
import type { Candidate } from '../../src/synth/candidate.js';
import { afterFailure } from '../../src/synth/debugging/after-failure.js';
import { REASONS, type Reason } from '../../src/synth/reasons.js';
import { attemptOf, newCandidate } from './sound-tasks.js';

const settings = (p_debug: number, debug_iterations: number) => ({ p_debug, debug_iterations });

/** Lets every attempt of a candidate fail until it is given up. @returns how each attempt came about */
function failAlways(candidate: Candidate, p: number, k: number): { how: string[]; end: Candidate } {
  let now: Candidate = { ...candidate, attempts: [attemptOf({})] };
  while (now.state !== 'rejected') {
    const [last, ...before] = [...now.attempts].reverse();
    const failed = { ...last!, verdict: 'failed' as const, fault: 'baseline_failed' as const, detail: 'it stopped' };
    now = afterFailure({ ...now, attempts: [...before.reverse(), failed] }, settings(p, k));
  }
  return { how: now.attempts.map(({ how }) => how), end: now };
}

describe('self-debugging', () => {
  it('repairs with the probability that is set, restarts else, and decides the same each time [S6 S9]', () => {
    for (const [p, least, most] of [
      [0, 0, 0],
      [0.3, 0.26, 0.34],
      [0.5, 0.46, 0.54],
      [0.7, 0.66, 0.74],
      [1, 1, 1],
    ] as const) {
      let [repairs, decisions] = [0, 0];
      for (let seed = 0; seed < 500; seed++) {
        const candidate = newCandidate('program', { seed });
        const { how } = failAlways(candidate, p, 5);
        expect(failAlways(candidate, p, 5).how).toEqual(how);
        repairs += how.filter((name) => name === 'repair').length;
        decisions += how.length - 1;
      }
      expect(decisions).toBe(2500);
      expect(repairs / decisions).toBeGreaterThanOrEqual(least);
      expect(repairs / decisions).toBeLessThanOrEqual(most);
    }
  });

  it('ends after the first attempt with k = 0, and after k more with k = 3 [S6]', () => {
    fc.assert(
      fc.property(fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 8 }), (seed, p, k) => {
        const { how, end } = failAlways(newCandidate('program', { seed }), p, k);
        expect(how).toHaveLength(k + 1);
        expect(how[0]).toBe('first');
        expect(end).toMatchObject({ state: 'rejected', reason: 'baseline_failed' });
        expect(end.detail).toBe(`it stopped (${k + 1} ${k === 0 ? 'attempt' : 'attempts'})`);
        expect(end.attempts.map(({ number }) => number)).toEqual(how.map((_, at) => at));
      }),
    );
  });

  it('gives up at once what no program can mend, and leaves alone what did not fail [S6]', () => {
    for (const fault of Object.keys(REASONS) as Reason[]) {
      const failed = attemptOf({ verdict: 'failed', fault });
      const next = afterFailure(newCandidate('program', { attempts: [failed] }), settings(1, 3));
      if (REASONS[fault].by === 'code') expect(next).toMatchObject({ state: 'generation', reason: null });
      else expect(next).toMatchObject({ state: 'rejected', reason: fault, detail: REASONS[fault].text });
    }
    for (const attempts of [[], [attemptOf({})], [attemptOf({ verdict: 'sound' })]]) {
      const candidate = newCandidate('program', { attempts });
      expect(afterFailure(candidate, settings(1, 3))).toBe(candidate);
    }
  });

  it('takes measurements and episodes of failed programs with it', () => {
    const measured = newCandidate('program', {
      attempts: [attemptOf({ verdict: 'failed', fault: 'baseline_saturated' })],
      baseline: { scores: [1], mean: 1, std: 0 },
      episodes: [{ directory: 'episodes/0', score: 1, steps: 3 }],
    });
    expect(afterFailure(measured, settings(1, 3))).toMatchObject({ baseline: null, episodes: [] });
  });

  it('draws evenly from what is decided', () => {
    const draws = Array.from({ length: 4000 }, (_, at) => uniform('x', at));
    for (let tenth = 0; tenth < 10; tenth++) {
      const inside = draws.filter((draw) => Math.floor(draw * 10) === tenth).length;
      expect(inside).toBeGreaterThan(320);
      expect(inside).toBeLessThan(480);
    }
    expect(uniform('ab', 'c')).not.toBe(uniform('a', 'bc'));
  });
});
