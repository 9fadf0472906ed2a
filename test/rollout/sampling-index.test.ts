import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { groupSums } from '../../src/rollout/sampling/index/group-sums.js';
import { readIndex, type SampleIndex } from '../../src/rollout/sampling/index/read-index.js';
import { validDistribution } from '../../src/rollout/sampling/index/valid-distribution.js';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import { sumSpent } from '../../src/run/sum-spent.js';
import type { Outcome } from '../../src/store/attempt.js';
import { Ledger } from '../../src/store/ledger.js';
import { type Event, events, happen, PLANNED } from './sampling-events.js';

const root = mkdtempSync(path.join(tmpdir(), 'gymsmith-index-'));
afterAll(() => rmSync(root, { recursive: true }));
let files = 0;

/** @returns the index of a ledger after some events, and those of them that came to pass */
function indexAfter(all: readonly Event[]): { index: SampleIndex; happened: Event[]; states: Map<string, string> } {
  const ledger = Ledger.open(path.join(root, `${++files}.sqlite`));
  try {
    const happened = happen(ledger, all);
    const states = new Map([...ledger.attempts()].map(({ id, state }) => [id, state]));
    return { index: readIndex(ledger), happened, states };
  } finally {
    ledger.close();
  }
}

function counted(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}

const SUMMED = [
  'submissions',
  'steps',
  'format_errors',
  'input_tokens',
  'usd',
  'seconds',
  'gpu_hours',
  'bytes',
] as const;

describe('the index of a run of sampling', () => {
  it('answers exactly what a plain count of all tries answers, by task and model [T1][T2]', () => {
    fc.assert(
      fc.property(events, (all) => {
        const { index, happened, states } = indexAfter(all);
        const keyOf = ({ task, model }: { task: string; model: string }) => `${task} ${model}`;
        const whereOf = (event: Event) => keyOf(PLANNED[event.at]!);
        expect(index.tasks.map(keyOf)).toEqual([...new Set(PLANNED.map(keyOf))].sort());
        for (const row of index.tasks) {
          const planned = PLANNED.filter((attempt) => keyOf(attempt) === keyOf(row));
          const own = happened.filter((event) => whereOf(event) === keyOf(row));
          const outcomes: Outcome[] = own.filter(({ end }) => end === 'result').map(({ outcome }) => outcome);
          const bests = outcomes.map(({ best }) => best).filter((best) => best !== null);
          const inState = counted(planned.map(({ id }) => states.get(id)!));
          expect(row).toMatchObject({
            ...{ attempts: planned.length, open: 0, running: 0, done: 0, failed: 0, ...inState },
            valid: outcomes.filter(({ valid }) => valid > 0).length,
            improves: outcomes.filter(({ improves }) => improves).length,
            valid_submissions: outcomes.reduce((sum, { valid }) => sum + valid, 0),
            ...Object.fromEntries(SUMMED.map((name) => [name, outcomes.reduce((sum, one) => sum + one[name], 0)])),
            direction: outcomes.length === 0 ? null : 'minimize',
            baseline: outcomes.length === 0 ? null : 1,
            best: bests.length === 0 ? null : Math.min(...bests),
          });
          const tries = index.tries.find((one) => keyOf(one) === keyOf(row));
          const ended = own.filter(({ end }) => end !== null);
          const took = ended.reduce((sum, { spent }) => sumSpent(sum, spent), NOTHING_SPENT);
          expect(tries ?? { tries: 0, spent: NOTHING_SPENT }).toMatchObject({ tries: own.length, spent: took });
        }
        const ended = happened.filter(({ end }) => end !== null && end !== 'result');
        expect(
          Object.fromEntries(index.faults.map((one) => [`${keyOf(one)} ${one.end} ${one.code}`, one.count])),
        ).toEqual(counted(ended.map((event) => `${whereOf(event)} ${event.end} ${event.code ?? ''}`)));
        const done = happened.filter(({ end }) => end === 'result');
        expect(
          Object.fromEntries(index.exits.map((one) => [`${keyOf(one)} ${one.exit_status} ${one.stop}`, one.count])),
        ).toEqual(counted(done.map((one) => `${whereOf(one)} ${one.outcome.exit_status} ${one.outcome.stop}`)));
      }),
      { numRuns: 80 },
    );
  });

  it('has the same sums over tasks, over models and over all [T2]', () => {
    fc.assert(
      fc.property(events, (all) => {
        const { index, happened } = indexAfter(all);
        const total = groupSums(index, () => 'all', ['all']).get('all')!;
        expect(total.attempts).toBe(PLANNED.length);
        expect(total.tries).toBe(happened.length);
        for (const by of [({ task }: { task: string }) => task, ({ model }: { model: string }) => model]) {
          const groups = [...groupSums(index, by).values()];
          for (const name of ['attempts', 'done', 'failed', 'valid', 'tries', 'infrastructure', 'lost'] as const) {
            expect(groups.reduce((sum, group) => sum + group[name], 0)).toBe(total[name]);
          }
          expect(groups.reduce((sum, { spent }) => sumSpent(sum, spent), NOTHING_SPENT)).toEqual(total.spent);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('spreads tasks over bins of equal width, those without a valid trajectory apart [T2]', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(300), { maxLength: 200 }), (valid) => {
        const { histogram, ...spread } = validDistribution(valid);
        expect(histogram.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(valid.length);
        expect(histogram.length).toBeLessThanOrEqual(17);
        for (const { from, to, tasks } of histogram) {
          expect(tasks).toBe(valid.filter((number) => number >= from && number <= to).length);
        }
        expect(spread).toMatchObject({ tasks: valid.length, without: valid.filter((number) => number === 0).length });
        expect(spread.least).toBeLessThanOrEqual(spread.lower_quartile);
        expect(spread.median).toBeLessThanOrEqual(spread.upper_quartile);
      }),
    );
    expect(validDistribution([4, 1, 3, 2])).toMatchObject({ mean: 2.5, median: 2.5, lower_quartile: 1.75, most: 4 });
    expect(validDistribution([])).toMatchObject({ tasks: 0, mean: 0, histogram: [{ from: 0, to: 0, tasks: 0 }] });
  });
});
