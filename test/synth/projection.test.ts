import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import { type Candidate, STAGES } from '../../src/synth/candidate.js';
import { newCandidates } from '../../src/synth/pipeline/new-candidate.js';
import { projectRest, withSpent } from '../../src/synth/pipeline/projection.js';
import { StageCosts } from '../../src/synth/run/stage-costs.js';
import { settingsOf } from './pipeline-harness.js';

const TOPIC = { title: 'T', summary: '', area: 'a', modality: 'm', problem: 'p', constraint: 'c' };
const PRICE = { input: 1.25, output: 10 };

function candidates(count: number, state: Candidate['state']): Candidate[] {
  const ended = state === 'published' ? ({ ended_in: 'publishing' } as const) : {};
  return Array.from({ length: count }, (_, at) => {
    const [one] = newCandidates({ number: at + 1, topic: TOPIC }, settingsOf());
    return { ...one!, state, ...ended };
  });
}

describe('a projection', () => {
  it('is ordered, grows with the topics, and falls with what is switched off [S8, S9]', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.integer({ min: 0, max: 6 }), (topics, k) => {
        const of = (given: Record<string, unknown>) =>
          projectRest({ settings: settingsOf({ topics, debug_iterations: k, ...given }), sandboxes: 4, price: PRICE });
        const { low, expected, high } = of({});
        for (const name of ['questions', 'usd', 'sandbox_hours', 'wall_seconds'] as const) {
          expect(low[name]).toBeLessThanOrEqual(expected[name]!);
          expect(expected[name]).toBeLessThanOrEqual(high[name]!);
        }
        expect(of({ topics: topics + 1 }).expected.usd).toBeGreaterThan(expected.usd!);
        expect(of({ verification: { agent_episodes: 0 } }).expected.usd).toBeLessThan(expected.usd!);
        expect(of({ debug_iterations: k + 1 }).expected.questions).toBeGreaterThan(expected.questions);
        expect(of({ gates: { review: true } }).expected.usd).toBeGreaterThan(expected.usd!);
        expect(of({ environment: { gpus: 2 } }).expected.gpu_hours).toBeCloseTo(2 * expected.sandbox_hours);
      }),
      { numRuns: 50 },
    );
  });

  it('comes to nothing when every candidate has ended', () => {
    const basis = { settings: settingsOf({ topics: 3 }), sandboxes: 1, price: PRICE, hasAllTopics: true };
    const { expected } = projectRest({ ...basis, candidates: candidates(3, 'published') });
    expect(expected).toMatchObject({ candidates: 0, questions: 0, usd: 0, sandbox_hours: 0, wall_seconds: 0 });
    const spent = { ...NOTHING_SPENT, usd: 3, calls: 9, sandbox_seconds: 3600 };
    expect(withSpent(expected, spent)).toMatchObject({ usd: 3, questions: 9, sandbox_hours: 1 });
  });

  it("gives way to the run's own averages", () => {
    const costs = StageCosts.inMemory();
    const measured = { ...NOTHING_SPENT, input_tokens: 10, output_tokens: 10, calls: 1, sandbox_seconds: 1 };
    const settings = settingsOf({ topics: 1000, debug_iterations: 0 });
    const basis = { settings, sandboxes: 1, price: PRICE, hasAllTopics: true };
    const open = candidates(500, 'proposal');
    const before = projectRest({ ...basis, candidates: open }).expected;
    const done = candidates(500, 'published').map((one) => ({ ...one, id: `1${one.id}` }));
    for (const stage of STAGES) for (let at = 0; at < 500; at++) costs.add(stage, measured, 2);
    const after = projectRest({ ...basis, candidates: [...open, ...done], costs: costs.stages }).expected;
    expect(after.input_tokens).toBeLessThan(before.input_tokens / 20);
    // Five stages of ten tokens, and what little weight the estimates keep.
    expect(after.questions / 500).toBeGreaterThan(4);
    expect(after.questions / 500).toBeLessThan(6);
  });

  it('does not tell dollars that nobody knows', () => {
    expect(projectRest({ settings: settingsOf(), sandboxes: 1, price: null }).expected.usd).toBeNull();
  });
});
