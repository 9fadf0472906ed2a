import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/index.js';
import { keepTrajectory, playAttempt } from '../../src/rollout/sampling/play-attempt.js';
import type { SampleListener } from '../../src/rollout/sampling/sample-listener.js';
import { NOTHING_SPENT } from '../../src/run/spent.js';
import { FlakyProxy } from '../../src/testing/flaky-proxy.js';
import { plainModel, player, SamplerWorld, serverAt } from './sampler-world.js';

const slow = (ms: number) => plainModel(() => new Promise((resolve) => setTimeout(resolve, ms)));

describe('a run that was cut short', () => {
  it('takes in what was written and not noted, ends what was lost, and plays nothing twice [T1] [T2]', async () => {
    const world = await SamplerWorld.open({ tasks: 1 });
    const id = (number: number) => `bench/echo0-v1/p/0000${number}`;
    // As a process leaves it that is killed between the trajectory and the row, or while it plays.
    await world.process({ attempts: 6 }, async (_sampler, ledger) => {
      for (const number of [0, 1, 2])
        ledger.beginTry(id(number), { server: null, episode_id: 'e', started_at: new Date().toISOString() });
      ledger.noteSpent(id(0), 1, { ...NOTHING_SPENT, usd: 0.25, input_tokens: 5 });
      ledger.noteSpent(id(1), 1, { ...NOTHING_SPENT, usd: 0.5, input_tokens: 70 });
    });
    const donor = await SamplerWorld.open({ tasks: 1 });
    await donor.process({ attempts: 6 }, (sampler) => sampler.run());
    await mkdir(path.dirname(world.places.trajectory(id(0))), { recursive: true });
    const whole = await readFile(donor.places.trajectory(id(0)), 'utf8');
    await writeFile(world.places.trajectory(id(0)), whole);
    await writeFile(world.places.trajectory(id(1)), whole.slice(0, -9));
    const adopted: string[] = [];
    const listener: SampleListener = { onAdopted: (attempt) => adopted.push(attempt.id) };
    await world.process({ attempts: 6, listener }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(adopted).toEqual([id(0)]);
      expect(ledger.counts()).toEqual({ open: 0, running: 0, done: 6, failed: 0 });
      const ends = (number: number) => ledger.tries(id(number)).map(({ end }) => end);
      expect([0, 1, 2, 3].map(ends)).toEqual([['result'], ['lost', 'result'], ['lost', 'result'], ['result']]);
      // What a killed try had cost is counted, and once.
      expect(ledger.tries(id(1))[0]).toMatchObject({ end: 'lost', usd: 0.5, input_tokens: 70 });
      expect(sampler.snapshot().spent.input_tokens).toBe(ledger.spent().input_tokens);
      expect(sampler.snapshot().spent.usd).toBeCloseTo(ledger.spent().usd, 9);
      expect(ledger.outcome(id(0))).toEqual({ ...ledger.outcome(id(3)), ...sizesOf(ledger.outcome(id(0))!) });
    });
    expect(await readFile(world.places.trajectory(id(0)), 'utf8')).toBe(whole);
  });

  it('plays nothing twice after a loss of power that undid the last rows of the ledger [T1] [T2]', async () => {
    const world = await SamplerWorld.open({ tasks: 2 });
    await world.process({ attempts: 6 }, (sampler) => sampler.run());
    const written = await Promise.all((await world.trajectories()).map((id) => readFile(world.places.trajectory(id))));
    for (const end of ['', '-wal', '-shm']) await rm(`${world.places.ledger}${end}`, { force: true });
    await writeFile(world.places.trajectory('bench/echo1-v1/p/00004'), 'not whole');
    const adopted: string[] = [];
    const listener: SampleListener = { onAdopted: (attempt) => adopted.push(attempt.id) };
    await world.process({ attempts: 7, listener }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(adopted).toHaveLength(11);
      expect(ledger.counts()).toEqual({ open: 0, running: 0, done: 14, failed: 0 });
    });
    for (const id of adopted) {
      expect(written.map(String)).toContain(await readFile(world.places.trajectory(id), 'utf8'));
    }
  });

  it('ends the episodes that the killed process held [T1] [B4]', async () => {
    const world = await SamplerWorld.open({ tasks: 1, maxEpisodes: 2 });
    const killed = await EnvClient.connect(world.server.url);
    await killed.reset(world.tasks[0]!);
    await killed.reset(world.tasks[0]!);
    const token = killed.connection.sessionToken;
    killed.detach();
    await world.process({}, async (sampler, ledger) => {
      ledger.rememberSession({ server: world.server.url, token });
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(ledger.sessions()).toEqual([]);
    });
    expect(world.catalogue.journal.open).toBe(0);
  }, 15_000);

  it('by a person comes to the end of what is under way, or drops it; it goes on as if nothing had been [T1]', async () => {
    const world = await SamplerWorld.open();
    const players = [player('p', slow(20))];
    let left = 3;
    let onThird = (): void => {};
    const listener: SampleListener = { onEpisode: () => --left === 0 && onThird() };
    await world.process({ players, attempts: 10, listener }, async (sampler, ledger) => {
      onThird = () => sampler.stop();
      expect(await sampler.run()).toEqual({ why: 'stopped' });
      const { done, open, running } = ledger.counts();
      expect([done + open, running]).toEqual([30, 0]);
      expect(done).toBeGreaterThanOrEqual(3);
      expect(await world.trajectories()).toHaveLength(done);
    });
    left = 3;
    await world.process({ players, attempts: 10, listener }, async (sampler, ledger) => {
      onThird = () => sampler.drop();
      expect(await sampler.run()).toEqual({ why: 'stopped' });
      expect(ledger.counts().running).toBe(0);
      expect(await world.trajectories()).toHaveLength(ledger.counts().done);
    });
    await world.process({ players, attempts: 10 }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(ledger.counts()).toEqual({ open: 0, running: 0, done: 30, failed: 0 });
      const ends = [...ledger.attempts()].map(
        ({ id }) => ledger.tries(id).filter(({ end }) => end === 'result').length,
      );
      expect(new Set(ends)).toEqual(new Set([1]));
    });
    expect(world.catalogue.journal.open).toBe(0);
  }, 15_000);

  it('by its budget begins nothing new, finishes what runs, and goes on under a higher one [T1]', async () => {
    const world = await SamplerWorld.open();
    const budget = { usd: null, tokens: 200, gpu_hours: null, hours: null };
    const done = await world.process({ budget, atOnce: 2 }, async (sampler, ledger) => {
      expect(await sampler.run()).toMatchObject({ why: 'budget', reached: { what: 'tokens', limit: 200 } });
      expect(ledger.counts().running).toBe(0);
      return ledger.counts().done;
    });
    expect(done).toBeGreaterThan(0);
    expect(done).toBeLessThan(12);
    await world.process({ budget, atOnce: 2 }, async (sampler, ledger) => {
      expect(await sampler.run()).toMatchObject({ why: 'budget' });
      expect(ledger.counts().done).toBe(done);
    });
    await world.process({ budget: { ...budget, tokens: null } }, async (sampler) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
    });
  });
});

describe('faults below a run', () => {
  it('of the connection are waited out, and no episode is lost or played twice [T2] [B4]', async () => {
    const world = await SamplerWorld.open();
    const proxy = await FlakyProxy.listen({ port: Number(new URL(world.server.url).port) });
    const cutting = setInterval(() => proxy.cut(), 60);
    const servers = [serverAt(`http://127.0.0.1:${proxy.port}`)];
    try {
      await world.process({ servers, players: [player('p', slow(15))], attempts: 8 }, async (sampler, ledger) => {
        setTimeout(() => clearInterval(cutting), 600);
        expect(await sampler.run()).toEqual({ why: 'complete' });
        expect(ledger.counts()).toEqual({ open: 0, running: 0, done: 24, failed: 0 });
      });
    } finally {
      clearInterval(cutting);
      await proxy.close();
    }
    expect(world.catalogue.journal.open).toBe(0);
  }, 20_000);

  it('of the disk end the run with words, and what was not kept is played by the next one [T2] [B4]', async () => {
    const world = await SamplerWorld.open();
    let kept = 0;
    const full = {
      play: playAttempt,
      keep: async (...given: Parameters<typeof keepTrajectory>) => {
        if (++kept > 5) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
        return keepTrajectory(...given);
      },
    };
    await world.process(
      {},
      async (sampler, ledger) => {
        const end = await sampler.run();
        expect(end).toMatchObject({ why: 'fault', error: { message: expect.stringContaining('The disk is full') } });
        expect(ledger.counts()).toMatchObject({ done: 5, running: 0, open: 7 });
      },
      full,
    );
    expect(await world.trajectories()).toHaveLength(5);
    await world.process({}, async (sampler) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
    });
    expect(await world.trajectories()).toHaveLength(12);
  });
});

function sizesOf<T extends { bytes: number; sha256: string; seconds: number; model_seconds: number }>(outcome: T) {
  const { bytes, sha256, seconds, model_seconds } = outcome;
  return { bytes, sha256, seconds, model_seconds };
}
