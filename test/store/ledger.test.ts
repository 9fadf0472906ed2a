import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { NOTHING_SPENT, type Spent } from '../../src/run/spent.js';
import { sumSpent } from '../../src/run/sum-spent.js';
import { type AttemptState, type Outcome, TRY_ENDS, type TryEnd } from '../../src/store/attempt.js';
import { Ledger } from '../../src/store/ledger.js';
import { attemptsOf, BEGINNING, ENDED_AT, OUTCOME } from './attempts-of.js';

const root = mkdtempSync(path.join(tmpdir(), 'gymsmith-ledger-'));
afterAll(() => rmSync(root, { recursive: true }));
let files = 0;

function newFile(): string {
  return path.join(root, `${++files}.sqlite`);
}

function withLedger(work: (ledger: Ledger, file: string) => void): void {
  const file = newFile();
  const ledger = Ledger.open(file);
  try {
    work(ledger, file);
  } finally {
    ledger.close();
  }
}

const [first, second] = attemptsOf(1, 2).map(({ id }) => id) as [string, string];

describe('the ledger of a run', () => {
  it('plans 128,000 attempts at once, and again without adding or losing one [T1]', () => {
    withLedger((ledger) => {
      const all = attemptsOf(500, 256);
      expect(ledger.plan(all)).toEqual({ added: 128_000, kept: 0 });
      expect(ledger.plan(all)).toEqual({ added: 0, kept: 128_000 });
      expect(ledger.counts()).toEqual({ open: 128_000, running: 0, done: 0, failed: 0 });
      let at = 0;
      for (const { state, tries, faults, ...attempt } of ledger.attempts()) {
        if (at % 997 === 0) expect({ attempt, state, tries, faults }).toEqual({ attempt: all[at], ...NEW });
        at++;
      }
      expect(at).toBe(128_000);
      expect([...ledger.attempts({ task: 'pack/task-3-v1', model: 'odd' })]).toHaveLength(128);
    });
  });

  it('refuses another task, seed or number of GPUs for what is planned, and adds nothing then [T1]', () => {
    withLedger((ledger, file) => {
      const [one, two, three] = attemptsOf(1, 3);
      ledger.plan([one!]);
      for (const change of [{ task_hash: 'b2' }, { seed: 1 }, { gpus: 2 }]) {
        expect(() => ledger.plan([two!, { ...one!, ...change }, three!])).toThrow(
          `${file}: Attempt ${first} was planned with ${Object.keys(change)[0]}`,
        );
      }
      expect([...ledger.attempts()].map(({ id }) => id)).toEqual([first]);
    });
  });

  it('gives an attempt to one player at a time, and none that is done [T1]', () => {
    withLedger((ledger) => {
      ledger.plan(attemptsOf(1, 2));
      expect(ledger.beginTry(first, BEGINNING)).toBe(1);
      expect(() => ledger.beginTry(first, BEGINNING)).toThrow(`${first} is running, not open`);
      expect(() => ledger.endTry(second, 1, { end: 'lost', ended_at: ENDED_AT, spent: {} }, 3)).toThrow('is open, not');
      const done = { end: 'result', ended_at: ENDED_AT, outcome: OUTCOME, spent: {} } as const;
      expect(() => ledger.endTry(first, 2, done, 3)).toThrow(`Try 2 of ${first} is over`);
      expect(ledger.endTry(first, 1, done, 3)).toBe('done');
      expect(() => ledger.endTry(first, 1, done, 3)).toThrow(`${first} is done, not running`);
      expect(() => ledger.beginTry(first, BEGINNING)).toThrow(`${first} is done, not open`);
      expect(() => ledger.beginTry('nobody', BEGINNING)).toThrow('There is no attempt nobody');
      expect(ledger.outcome(first)).toEqual(OUTCOME);
      expect(ledger.outcome(second)).toBeUndefined();
    });
  });

  it('keeps what a try had cost by its last round, unless its end says otherwise [T1]', () => {
    withLedger((ledger) => {
      ledger.plan(attemptsOf(1, 2));
      for (const [id, spent] of [
        [first, {}],
        [second, { calls: 4 }],
      ] as const) {
        const number = ledger.beginTry(id, BEGINNING);
        ledger.noteSpent(id, number, { ...NOTHING_SPENT, usd: 0.75, calls: 3 });
        ledger.endTry(id, number, { end: 'stopped', ended_at: ENDED_AT, spent }, 2);
      }
      expect(ledger.tries(first)[0]).toMatchObject({ usd: 0.75, calls: 3 });
      expect(ledger.tries(second)[0]).toMatchObject({ usd: 0.75, calls: 4 });
    });
  });

  it("tells others' faults from results, gives up after as many as it may, and opens again by hand [T2]", () => {
    withLedger((ledger) => {
      ledger.plan(attemptsOf(1, 2));
      const ends: [TryEnd, AttemptState][] = [
        ['infrastructure', 'open'],
        ['lost', 'open'],
        ['stopped', 'open'],
        ['endpoint', 'failed'],
      ];
      const spent = { usd: 0.5, input_tokens: 7, gpu_hours: 0.25 };
      for (const [at, [end, state]] of ends.entries()) {
        const number = ledger.beginTry(first, { ...BEGINNING, episode_id: null });
        expect(number).toBe(at + 1);
        const ending = { end, ended_at: ENDED_AT, code: `c${at}`, message: 'm\0m', episode_id: `e${at}`, spent };
        expect(ledger.endTry(first, number, ending, 2)).toBe(state);
      }
      // Nothing is noted of a try that is over.
      ledger.noteSpent(first, 4, { ...NOTHING_SPENT, usd: 100 });
      expect(ledger.attempt(first)).toMatchObject({ state: 'failed', tries: 4, faults: 2 });
      expect(ledger.spent()).toEqual({ ...NOTHING_SPENT, usd: 2, input_tokens: 28, gpu_hours: 1 });
      expect(ledger.faults(10)).toHaveLength(4);
      expect(ledger.tries(first)[3]).toEqual({
        ...{ ...NOTHING_SPENT, ...spent, ...BEGINNING },
        ...{ attempt: first, number: 4, episode_id: 'e3', ended_at: ENDED_AT, end: 'endpoint', code: 'c3' },
        message: 'm\ufffdm',
      });
      expect(ledger.reopen({ model: 'odd' })).toBe(0);
      expect(ledger.reopen({ task: 'pack/task-0-v1' })).toBe(1);
      expect(ledger.attempt(first)).toMatchObject({ state: 'open', tries: 4, faults: 0 });
    });
  });

  it('takes in a trajectory whose row is missing, whether its try is known or not [T1]', () => {
    withLedger((ledger) => {
      ledger.plan(attemptsOf(1, 2));
      ledger.beginTry(first, BEGINNING);
      expect(ledger.leftRunning()).toMatchObject([{ attempt: first, number: 1, end: null, ...BEGINNING }]);
      const ending = { end: 'result', ended_at: ENDED_AT, outcome: OUTCOME, spent: { usd: 1 } } as const;
      ledger.adopt(first, BEGINNING, ending);
      ledger.adopt(second, BEGINNING, ending);
      expect(ledger.counts()).toEqual({ open: 0, running: 0, done: 2, failed: 0 });
      expect(ledger.leftRunning()).toEqual([]);
      expect(ledger.tries(second)).toHaveLength(1);
      expect(() => ledger.adopt(first, BEGINNING, ending)).toThrow('is done');
      expect(ledger.spent().usd).toBe(2);
    });
  });

  it('keeps nothing of a try whose end does not fit', () => {
    withLedger((ledger) => {
      ledger.plan(attemptsOf(1, 1));
      ledger.beginTry(first, BEGINNING);
      const result = { end: 'result', ended_at: ENDED_AT, spent: { usd: 1 } } as const;
      expect(() => ledger.endTry(first, 1, result, 3)).toThrow('needs an outcome');
      const lost = { ...result, end: 'lost', outcome: OUTCOME } as const;
      expect(() => ledger.endTry(first, 1, lost, 3)).toThrow('has no outcome');
      const broken = { ...result, outcome: { ...OUTCOME, usd: Number.NaN } };
      expect(() => ledger.endTry(first, 1, broken, 3)).toThrow('NaN cannot be kept');
      const half = { ...result, outcome: { ...OUTCOME, steps: 1.5 } };
      expect(() => ledger.endTry(first, 1, half, 3)).toThrow();
      expect(ledger.attempt(first)).toMatchObject({ state: 'running', tries: 1 });
      expect(ledger.spent().usd).toBe(0);
      expect(ledger.outcome(first)).toBeUndefined();
    });
  });

  it('remembers sessions and processes, in a file that nobody else may read [T1]', () => {
    withLedger((ledger, file) => {
      const session = { server: 'ws://host:1', token: 's1' };
      ledger.rememberSession(session);
      ledger.rememberSession(session);
      ledger.rememberSession({ ...session, token: 's2' });
      ledger.forgetSession(session);
      ledger.forgetSession(session);
      expect(ledger.sessions()).toEqual([{ ...session, token: 's2' }]);
      const one = ledger.beginProcess(BEGINNING.started_at);
      const two = ledger.beginProcess(BEGINNING.started_at);
      ledger.processSeen(one, 1.5);
      ledger.processSeen(one, 2.5);
      ledger.processSeen(two, 4);
      expect(ledger.wallSeconds()).toBe(6.5);
      for (const end of ['', '-wal', '-shm']) expect(statSync(`${file}${end}`).mode & 0o777).toBe(0o600);
    });
  });

  it('has every attempt in exactly one state and done once, whatever is called and wherever it is killed [T1][T2]', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), (calls) => {
        const file = newFile();
        let ledger = Ledger.open(file);
        const model = new Model();
        ledger.plan(ATTEMPTS);
        for (const one of calls) {
          if (one.kind === 'kill') {
            ledger.close();
            ledger = Ledger.open(file);
          } else expect(answer(() => apply(ledger, one))).toEqual(answer(() => apply(model, one)));
        }
        expect(ledger.counts()).toEqual(model.counts());
        expect(ledger.spent()).toEqual(model.spent);
        for (const { id } of ATTEMPTS) {
          const { state, tries, faults } = ledger.attempt(id)!;
          expect({ state, tries, faults }).toEqual(model.attempts.get(id));
          expect(ledger.outcome(id)).toEqual(model.outcomes.get(id));
          expect(ledger.tries(id).filter(({ end }) => end === 'result')).toHaveLength(state === 'done' ? 1 : 0);
          expect(ledger.tries(id)).toHaveLength(tries);
        }
        expect(ledger.leftRunning()).toHaveLength(model.counts().running);
        ledger.close();
      }),
      { numRuns: 60 },
    );
  });
});

const NEW = { state: 'open', tries: 0, faults: 0 } as const;
const ATTEMPTS = attemptsOf(2, 2);
const MOST_FAULTS = 2;

const at = fc.nat(ATTEMPTS.length - 1).map((index) => ATTEMPTS[index]!.id);
const spent = fc.record({ usd: fc.nat(100).map((n) => n / 4), input_tokens: fc.nat(1000), calls: fc.nat(9) });
const call = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), id: at }),
  fc.record({
    kind: fc.constant('end' as const),
    ...{ id: at, number: fc.integer({ min: 1, max: 3 }), end: fc.constantFrom(...TRY_ENDS), spent },
  }),
  fc.record({ kind: fc.constant('last' as const), id: at, end: fc.constantFrom(...TRY_ENDS), spent }),
  fc.record({ kind: fc.constant('reopen' as const) }),
  fc.record({ kind: fc.constant('plan' as const) }),
  fc.record({ kind: fc.constant('kill' as const) }),
);
type Call = Exclude<typeof call extends fc.Arbitrary<infer T> ? T : never, { kind: 'kill' }>;

/** What calls of the ledger mean, in the plainest way. */
class Model {
  readonly attempts = new Map(
    ATTEMPTS.map(({ id }) => [id, { ...NEW } as { state: AttemptState; tries: number; faults: number }]),
  );
  readonly outcomes = new Map<string, Outcome>();
  spent: Spent = NOTHING_SPENT;

  plan() {
    return { added: 0, kept: ATTEMPTS.length };
  }

  attempt(id: string) {
    return this.attempts.get(id);
  }

  beginTry(id: string): number {
    const one = this.attempts.get(id)!;
    if (one.state !== 'open') throw new Error();
    one.state = 'running';
    return ++one.tries;
  }

  endTry(id: string, number: number, ending: { end: TryEnd; spent: Partial<Spent>; outcome?: Outcome }): AttemptState {
    const one = this.attempts.get(id)!;
    if (one.state !== 'running' || one.tries !== number) throw new Error();
    this.spent = sumSpent(this.spent, ending.spent);
    if (ending.outcome) this.outcomes.set(id, ending.outcome);
    const isFault = ending.end === 'infrastructure' || ending.end === 'endpoint';
    if (isFault) one.faults++;
    one.state = ending.end === 'result' ? 'done' : isFault && one.faults >= MOST_FAULTS ? 'failed' : 'open';
    return one.state;
  }

  reopen(): number {
    const failed = [...this.attempts.values()].filter(({ state }) => state === 'failed');
    for (const one of failed) Object.assign(one, { state: 'open', faults: 0 });
    return failed.length;
  }

  counts() {
    const counts = { open: 0, running: 0, done: 0, failed: 0 };
    for (const { state } of this.attempts.values()) counts[state]++;
    return counts;
  }
}

function apply(target: Ledger | Model, one: Call): unknown {
  if (one.kind === 'plan') return target.plan(ATTEMPTS);
  if (one.kind === 'reopen') return target.reopen({});
  if (one.kind === 'begin') return target.beginTry(one.id, BEGINNING);
  const number = one.kind === 'end' ? one.number : (target.attempt(one.id)?.tries ?? 0);
  const outcome = one.end === 'result' ? { outcome: { ...OUTCOME, steps: number } } : {};
  return target.endTry(one.id, number, { end: one.end, ended_at: ENDED_AT, spent: one.spent, ...outcome }, MOST_FAULTS);
}

function answer(work: () => unknown): unknown {
  try {
    return work();
  } catch {
    return 'refused';
  }
}
