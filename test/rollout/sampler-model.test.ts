import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ClientError, type EnvClient, RpcError } from '../../src/client/index.js';
import { planAttempts } from '../../src/rollout/sampling/plan-attempts.js';
import { keepTrajectory, type playAttempt } from '../../src/rollout/sampling/play-attempt.js';
import { SamplePlaces } from '../../src/rollout/sampling/sample-places.js';
import { Sampler } from '../../src/rollout/sampling/sampler.js';
import { Ledger } from '../../src/store/ledger.js';
import { VirtualClock } from '../../src/testing/virtual-clock.js';
import { sampleRun, sampleStep } from './sample-run.js';
import { player } from './sampler-world.js';

const ENDS = ['result', 'result', 'result', 'infrastructure', 'refused', 'connection', 'endpoint'] as const;
type End = (typeof ENDS)[number];
const FOREVER = new Promise<never>(() => {});

/** What befalls one episode after another, and when processes are killed: at a time, or between a trajectory and its row. */
/** What a process that was killed does no more. */
function mortal(ledger: Ledger, isDead: () => boolean): Ledger {
  return new Proxy(ledger, {
    get(target, name) {
      if (isDead()) throw new Error('killed');
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const world = fc.record({
  ends: fc.array(fc.record({ end: fc.constantFrom<End>(...ENDS), seconds: fc.integer({ min: 1, max: 90 }) }), {
    minLength: 5,
    maxLength: 60,
  }),
  kills: fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 200_000 }), atWriting: fc.option(fc.nat(6)) }), {
    maxLength: 3,
  }),
  places: fc.integer({ min: 1, max: 6 }),
  tries: fc.integer({ min: 1, max: 3 }),
});

it('counts exactly whatever ends, fails, is refused or is killed: every attempt once, and its trajectory if it is done [T1] [T2]', async () => {
  await fc.assert(
    fc.asyncProperty(world, async ({ ends, kills, places: limit, tries }) => {
      const root = await mkdtemp(path.join(tmpdir(), 'gs-model-'));
      const places = new SamplePlaces(root);
      let busy = 0;
      const clock = new VirtualClock(1, () => busy > 0);
      const tasks = ['a/one-v1', 'a/two-v1'].map((task) => ({ task, content_hash: 'x', gpus: 0 }));
      const plan = { seed: 1, attempts: 5, players: [{ name: 'p', weight: 1 }], playersPerAttempt: 'all' as const };
      const results = new Map<string, number>();
      const ledgers: Ledger[] = [];
      let events = 0;
      const live = async (kill: (typeof kills)[number] | null): Promise<'over' | 'killed'> => {
        let isDead = false;
        let inside = 0;
        let writings = 0;
        const play: typeof playAttempt = async ({ attempt, listener, signal }) => {
          if (inside >= limit) throw new RpcError('capacity_reached', 'full', { used: inside, limit });
          inside++;
          try {
            // What is left after the script goes well.
            const { end, seconds } = ends[events++] ?? { end: 'result', seconds: 5 };
            await clock.sleep(seconds * 10, signal);
            if (end === 'refused') throw new RpcError('capacity_reached', 'others came first');
            const run = sampleRun({ seed: attempt.seed, startedAtMs: 1000, endedAtMs: 1000 + seconds * 1000 });
            listener.onStart?.(run);
            await clock.sleep(seconds * 990, signal);
            if (isDead) await FOREVER;
            if (end === 'infrastructure') throw new RpcError('sandbox_unavailable', 'lost');
            if (end === 'connection') throw new ClientError('connection_lost', 'cut');
            listener.onStep?.(sampleStep(), run);
            if (end !== 'endpoint') return run;
            const last = sampleStep();
            const calls = last.calls.map((call) => ({ ...call, rejected: 'server' }));
            return { ...run, stop: 'api', failure: 'HTTP 500', steps: [...run.steps, { ...last, calls }] };
          } finally {
            inside--;
          }
        };
        let onKill = (): void => {};
        const killed = new Promise<'killed'>((resolve) => {
          onKill = () => {
            isDead = true;
            resolve('killed');
          };
        });
        const keep: typeof keepTrajectory = async (run, parts, ...rest) => {
          if (isDead) await FOREVER;
          busy++;
          const outcome = await keepTrajectory(run, parts, ...rest).finally(() => busy--);
          results.set(parts.attempt.id, (results.get(parts.attempt.id) ?? 0) + 1);
          if (kill && writings++ === kill.atWriting) {
            onKill();
            await FOREVER;
          }
          return outcome;
        };
        const client = {
          connection: { sessionToken: 't' },
          capacity: async () => ({ episodes: { used: inside, limit }, gpus: null }),
          listEpisodes: async () => [],
          close: async () => {},
        } as unknown as EnvClient;
        // Files are read before a server is asked.
        busy++;
        let onConnect = async (): Promise<EnvClient> => {
          busy--;
          onConnect = async () => client;
          return client;
        };
        const opened = Ledger.open(places.ledger);
        ledgers.push(opened);
        const ledger = mortal(opened, () => isDead);
        opened.plan(planAttempts(plan, tasks));
        const sampler = new Sampler(
          {
            runId: 'r',
            places,
            ledger,
            players: [player('p')],
            servers: [{ url: 'ws://one', connect: () => onConnect() }],
            limits: { steps: null, usd: 0, tokens: 0, seconds: 0 },
            options: {},
            tries,
            budget: { usd: null, tokens: null, gpu_hours: null, hours: null },
            atOnce: null,
            clock,
            patienceMs: 1e9,
          },
          { play, keep },
        );
        if (kill) void clock.sleep(kill.afterMs).then(onKill);
        const over = sampler.run().then((end) => {
          if (!isDead) expect(end).toEqual({ why: 'complete' });
          return 'over' as const;
        });
        over.catch(() => {});
        const how = await clock.run(Promise.race([over, killed]));
        isDead = true;
        return how;
      };
      try {
        let isOver = false;
        for (const kill of kills) isOver = (await live(kill)) === 'over';
        if (!isOver || kills.length === 0) await live(null);
        const ledger = Ledger.open(places.ledger);
        ledgers.push(ledger);
        const { open, running, done, failed } = ledger.counts();
        expect([open, running, done + failed]).toEqual([0, 0, 10]);
        for (const { id, state, faults } of ledger.attempts()) {
          const how = ledger.tries(id).map(({ end }) => end);
          // A trajectory that was written is never written again: it was taken in.
          expect([id, results.get(id) ?? 0, how.filter((end) => end === 'result').length]).toEqual(
            state === 'done' ? [id, 1, 1] : [id, 0, 0],
          );
          expect(how).not.toContain(null);
          expect(faults).toBeLessThanOrEqual(tries);
        }
      } finally {
        for (const ledger of ledgers) ledger.close();
        await rm(root, { recursive: true, force: true });
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
