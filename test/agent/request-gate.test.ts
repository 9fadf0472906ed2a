import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestEnd } from '../../src/agent/models/request-end.js';
import { type GatePass, RequestGate } from '../../src/agent/models/request-gate.js';
import { RequestGates } from '../../src/agent/models/request-gates.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';

/** An endpoint with a bucket of requests, a number of places, and outages; what it says is up to the test. */
interface Endpoint {
  perSecond: number;
  burst: number;
  places: number;
  latencyMs: (clock: VirtualClock) => number;
  says: 'nothing' | 'retry-after' | 'headers';
  isDown?: (nowMs: number) => boolean;
}

interface Traffic {
  answeredAtMs: number[];
  refusedAtMs: number[];
  failed: number;
  mostInside: number;
}

/** So many ask without a pause, each until it has been answered so often. */
async function ask(endpoint: Endpoint, clients: number, untilMs: number, gate: RequestGate, clock: VirtualClock) {
  const seen: Traffic = { answeredAtMs: [], refusedAtMs: [], failed: 0, mostInside: 0 };
  let level = endpoint.burst;
  let levelAtMs = 0;
  let inside = 0;
  const client = async (): Promise<number> => {
    let answers = 0;
    while (clock.now() < untilMs) {
      const pass = await gate.enter();
      seen.mostInside = Math.max(seen.mostInside, ++inside);
      const end = await one(pass, () => answers++);
      inside--;
      pass.leave(end);
    }
    return answers;
  };
  const one = async (pass: GatePass, onAnswer: () => void): Promise<RequestEnd> => {
    const nowMs = clock.now();
    level = Math.min(endpoint.burst, level + ((nowMs - levelAtMs) * endpoint.perSecond) / 1000);
    levelAtMs = nowMs;
    if (endpoint.isDown?.(nowMs)) {
      await clock.sleep(20);
      seen.failed++;
      return { kind: 'failed', why: 'ECONNREFUSED' };
    }
    const isCrowded = inside > endpoint.places;
    const isRefused = level < 1 || isCrowded;
    if (!isRefused) level--;
    const headers = new Headers({
      'x-ratelimit-limit-requests': `${endpoint.burst}`,
      'x-ratelimit-remaining-requests': `${Math.max(0, Math.floor(level))}`,
      'x-ratelimit-reset-requests': `${Math.ceil(((endpoint.burst - level) * 1000) / endpoint.perSecond)}ms`,
    });
    await clock.sleep(isRefused ? 30 : endpoint.latencyMs(clock));
    if (endpoint.says === 'headers') pass.told(headers);
    if (isRefused) {
      seen.refusedAtMs.push(clock.now());
      const waitMs =
        endpoint.says === 'nothing' || isCrowded ? null : ((1 - Math.min(1, level)) * 1000) / endpoint.perSecond;
      return { kind: 'refused', isOverload: false, waitMs, why: 'HTTP 429' };
    }
    seen.answeredAtMs.push(clock.now());
    onAnswer();
    return { kind: 'answered', tokens: 100 };
  };
  const answers = await clock.run(Promise.all(Array.from({ length: clients }, client)));
  return { ...seen, answers };
}

const between = (times: readonly number[], fromMs: number, toMs: number) =>
  times.filter((at) => at >= fromMs && at < toMs).length;

describe('the rate of an endpoint', () => {
  const world = fc.record({
    perSecond: fc.constantFrom(0.5, 2, 5, 20, 60),
    burstSeconds: fc.constantFrom(0.2, 1, 5, 60),
    latency: fc.constantFrom(200, 2000, 8000),
    seed: fc.integer(),
  });
  type World = typeof world extends fc.Arbitrary<infer T> ? T : never;

  /** What came of the requests that count, after some to learn from: shares of what the endpoint gives, and of what it answered. */
  async function play({ perSecond, burstSeconds, latency, seed }: World, says: Endpoint['says']) {
    const clock = new VirtualClock(seed);
    const gate = new RequestGate(null, clock);
    const endpoint: Endpoint = {
      perSecond,
      burst: Math.max(1, Math.ceil(perSecond * burstSeconds)),
      places: Number.POSITIVE_INFINITY,
      latencyMs: (chance) => latency * (0.5 + chance.random()),
      says,
    };
    const learntMs = (burstSeconds + (says === 'nothing' ? 1200 : 400) / perSecond) * 1000 + 20 * latency;
    const endMs = learntMs + (400 / perSecond) * 1000;
    const clients = Math.ceil(Math.max(8, perSecond * (latency / 1000) * 3));
    const { answeredAtMs, refusedAtMs } = await ask(endpoint, clients, endMs, gate, clock);
    const answered = between(answeredAtMs, learntMs, endMs);
    return { throughput: answered / 400, refusals: between(refusedAtMs, learntMs, endMs) / Math.max(1, answered) };
  }

  it('is used to nine tenths where refusals say how long to wait, and two in a hundred are refused [B2]', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { throughput, refusals } = await play(given, 'retry-after');
        expect(throughput).toBeGreaterThanOrEqual(0.9);
        expect(refusals).toBeLessThanOrEqual(0.02);
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it('is used to four fifths at least where headers tell it [B2]', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { throughput } = await play(given, 'headers');
        expect(throughput).toBeGreaterThanOrEqual(0.8);
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it('is asked for one in seven too much at most where refusals say nothing, and always used a little [B2]', async () => {
    await fc.assert(
      fc.asyncProperty(world, async (given) => {
        const { throughput, refusals } = await play(given, 'nothing');
        expect(throughput).toBeGreaterThan(0.01);
        expect(refusals).toBeLessThanOrEqual(0.15);
      }),
      { numRuns: 8 },
    );
  }, 120_000);

  it('is found again after an outage, which costs few requests [B2]', async () => {
    const clock = new VirtualClock();
    const gate = new RequestGate(null, clock);
    const isDown = (nowMs: number) => nowMs > 200_000 && nowMs < 500_000;
    const endpoint: Endpoint = {
      perSecond: 10,
      burst: 10,
      places: Number.POSITIVE_INFINITY,
      latencyMs: () => 2000,
      says: 'retry-after',
      isDown,
    };
    const { answeredAtMs, failed } = await ask(endpoint, 64, 800_000, gate, clock);
    expect(failed).toBeLessThan(64 + 20);
    expect(between(answeredAtMs, 600_000, 800_000)).toBeGreaterThan(0.9 * 2000);
    expect(gate.snapshot().silentMs === null || gate.snapshot().silentMs! < 10_000).toBe(true);
  }, 60_000);
});

describe('the places of an endpoint', () => {
  it('are found where it takes only so many requests at once and says nothing [B2]', async () => {
    for (const places of [1, 3, 8, 40]) {
      const clock = new VirtualClock(Math.floor(Math.random() * 2 ** 31));
      const gate = new RequestGate(null, clock);
      const endpoint: Endpoint = {
        perSecond: 1e6,
        burst: 1e6,
        places,
        latencyMs: (chance) => 1000 * (0.5 + chance.random()),
        says: 'nothing',
      };
      const { answeredAtMs, refusedAtMs } = await ask(endpoint, 100, 900_000, gate, clock);
      const answered = between(answeredAtMs, 300_000, 900_000);
      expect(answered, `${places} places`).toBeGreaterThan(0.93 * places * 600);
      expect(between(refusedAtMs, 300_000, 900_000)).toBeLessThan(0.1 * answered);
    }
  }, 60_000);

  it('are never more than the settings say [B2]', async () => {
    const clock = new VirtualClock();
    const gate = new RequestGate(7, clock);
    const endpoint: Endpoint = { perSecond: 1e6, burst: 1e6, places: 1e6, latencyMs: () => 500, says: 'nothing' };
    const { mostInside } = await ask(endpoint, 50, 60_000, gate, clock);
    expect(mostInside).toBe(7);
  });

  it('are given in the order in which they were asked for, and nobody starves [B2]', async () => {
    const clock = new VirtualClock();
    const gate = new RequestGate(3, clock);
    const endpoint: Endpoint = { perSecond: 4, burst: 4, places: 1e6, latencyMs: () => 300, says: 'retry-after' };
    const { answers } = await ask(endpoint, 20, 400_000, gate, clock);
    expect(Math.min(...answers)).toBeGreaterThan(0.8 * Math.max(...answers));
  });
});

describe('a gate', () => {
  it('never lets more in than its limit, whatever comes of the requests and whoever leaves the queue [B2]', async () => {
    const end = fc.constantFrom('answered', 'refused', 'overload', 'failed', 'dropped');
    const client = fc.record({ atMs: fc.nat(5000), forMs: fc.nat(3000), end, leavesAfterMs: fc.option(fc.nat(4000)) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(client, { maxLength: 60 }),
        fc.option(fc.integer({ min: 1, max: 6 })),
        async (all, most) => {
          const clock = new VirtualClock();
          const gate = new RequestGate(most, clock);
          let inside = 0;
          const play = async ({ atMs, forMs, end: kind, leavesAfterMs }: (typeof all)[number]) => {
            await clock.sleep(atMs);
            const left = new AbortController();
            if (leavesAfterMs !== null) void clock.sleep(leavesAfterMs).then(() => left.abort(new Error('left')));
            const pass = await gate.enter(left.signal).catch(() => null);
            if (pass === null) return;
            inside++;
            expect(gate.snapshot().inside).toBeGreaterThanOrEqual(inside);
            expect(inside).toBeLessThanOrEqual(most ?? 64 + all.length);
            await clock.sleep(forMs);
            inside--;
            if (kind === 'answered') pass.leave({ kind, tokens: 5 });
            else if (kind === 'failed') pass.leave({ kind, why: 'cut' });
            else if (kind === 'dropped') pass.leave({ kind });
            else pass.leave({ kind: 'refused', isOverload: kind === 'overload', waitMs: null, why: '503' });
          };
          await clock.run(Promise.all(all.map(play)));
          expect(gate.snapshot()).toMatchObject({ inside: 0, waiting: 0 });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('makes all wait for what one was asked to wait [B2]', async () => {
    const clock = new VirtualClock();
    const gate = new RequestGate(null, clock);
    const first = await gate.enter();
    first.leave({ kind: 'refused', isOverload: false, waitMs: 90_000, why: '429' });
    expect(gate.snapshot().pausedMs).toBe(90_000);
    await clock.run(Promise.all([gate.enter(), gate.enter()]));
    expect(clock.now()).toBeGreaterThanOrEqual(90_000);
  });

  it('waits before what an endpoint told is used up, in the forms of OpenAI and of Anthropic [B2]', async () => {
    const forms: Record<string, string>[] = [
      { 'x-ratelimit-limit-tokens': '1000', 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m40s' },
      {
        'anthropic-ratelimit-tokens-limit': '1000',
        'anthropic-ratelimit-tokens-remaining': '0',
        'anthropic-ratelimit-tokens-reset': new Date(Date.now() + 100_000).toISOString(),
      },
    ];
    for (const form of forms) {
      const clock = new VirtualClock();
      const gate = new RequestGate(null, clock);
      const pass = await gate.enter();
      pass.told(new Headers(form));
      pass.leave({ kind: 'answered', tokens: 200 });
      await clock.run(gate.enter());
      // 10 tokens a second: 200 of them, and what is kept in reserve.
      expect(clock.now()).toBeGreaterThan(19_000);
      expect(clock.now()).toBeLessThan(24_000);
    }
  });

  it('passes over headers that nobody can read', async () => {
    const gate = new RequestGate(null, new VirtualClock());
    const pass = await gate.enter();
    pass.told(new Headers({ 'x-ratelimit-limit-requests': 'many', 'x-ratelimit-remaining-requests': '-1' }));
    pass.leave({ kind: 'answered', tokens: 0 });
    expect(gate.snapshot()).toMatchObject({ pausedMs: 0, rate: null });
  });

  it('is one for all who ask the same model at the same place with the same key', () => {
    const gates = new RequestGates(4);
    const asked = { baseUrl: 'http://a/v1', model: 'm', apiKey: 'secret' };
    expect(gates.of({ ...asked, baseUrl: 'http://a/v1/' })).toBe(gates.of(asked));
    expect(gates.of({ ...asked, apiKey: undefined })).not.toBe(gates.of(asked));
    expect(gates.snapshots()).toHaveLength(2);
    expect(JSON.stringify(gates.snapshots())).not.toContain('secret');
  });
});
