import fc from 'fast-check';
import { type Outcome, TRY_ENDS } from '../../src/store/attempt.js';
import type { Ledger } from '../../src/store/ledger.js';
import { attemptsOf, BEGINNING, ENDED_AT, OUTCOME } from '../store/attempts-of.js';

const quarters = (most: number) => fc.nat(most * 4).map((number) => number / 4);

/** What a played attempt came to. Numbers are such that sums of them are exact. */
const outcome: fc.Arbitrary<Outcome> = fc
  .record({
    exit_status: fc.constantFrom('submitted', 'autosubmission (max_steps)'),
    stop: fc.constantFrom('submitted', 'max_steps', ''),
    ...{ steps: fc.nat(50), submissions: fc.nat(4), format_errors: fc.nat(9) },
    scores: fc.array(quarters(2), { maxLength: 3 }),
    ...{ input_tokens: fc.nat(2 ** 30), cached_tokens: fc.nat(9), output_tokens: fc.nat(9999), calls: fc.nat(60) },
    ...{ usd: quarters(9), seconds: quarters(999), model_seconds: quarters(99), gpu_hours: quarters(3) },
    ...{ bytes: fc.nat(4e6), unpriced_calls: fc.nat(2) },
  })
  .map(({ scores, ...rest }) => ({ ...OUTCOME, ...rest, ...scoredAs(scores) }));

const spent = fc.record({
  ...{ usd: quarters(9), input_tokens: fc.nat(2 ** 30), output_tokens: fc.nat(999), calls: fc.nat(60) },
  ...{ unpriced_calls: fc.nat(2), sandbox_seconds: quarters(999), gpu_hours: quarters(3) },
});

/** A try at an attempt of `attemptsOf(4, 6)`; null ends stand for one that is still played. */
export const events = fc.array(
  fc.record({
    at: fc.nat(23),
    end: fc.oneof({ weight: 3, arbitrary: fc.constant('result' as const) }, fc.constantFrom(...TRY_ENDS, null)),
    code: fc.constantFrom('sandbox_lost', 'rate_limit', null),
    ...{ outcome, spent },
  }),
  { maxLength: 60 },
);
export type Event = typeof events extends fc.Arbitrary<(infer T)[]> ? T : never;

export const PLANNED = attemptsOf(4, 6);
const MOST_FAULTS = 2;

/** Writes events into a ledger. @returns those that came to pass: the others are tries at what is done, failed or running */
export function happen(ledger: Ledger, all: readonly Event[]): Event[] {
  ledger.plan(PLANNED);
  return all.filter((event) => {
    const { id } = PLANNED[event.at]!;
    if (ledger.attempt(id)?.state !== 'open') return false;
    const number = ledger.beginTry(id, BEGINNING);
    const { end, code } = event;
    if (end === null) return true;
    const result = end === 'result' ? { outcome: event.outcome } : {};
    ledger.endTry(id, number, { end, ended_at: ENDED_AT, code, spent: event.spent, ...result }, MOST_FAULTS);
    return true;
  });
}

function scoredAs(scores: readonly number[]) {
  const best = scores.length === 0 ? null : Math.min(...scores);
  const improves = best !== null && best < 1;
  return {
    valid: scores.length,
    direction: 'minimize',
    baseline: 1,
    best,
    last: scores.at(-1) ?? null,
    improves,
  } as const;
}
