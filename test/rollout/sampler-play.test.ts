import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/agent/models/model.js';
import { ScriptedModel } from '../../src/agent/models/scripted-model.js';
import type { SampleListener } from '../../src/rollout/sampling/sample-listener.js';
import { plainModel, player, RUN_ID, SamplerWorld, serverAt } from './sampler-world.js';

describe('a sampler', () => {
  it('plays every attempt of every player once, and keeps a trajectory of each [T1] [F4]', async () => {
    const world = await SamplerWorld.open();
    const players = [player('one'), player('two')];
    const seen: string[] = [];
    const listener: SampleListener = { onEpisode: ({ id }) => seen.push(id) };
    await world.process({ players, listener }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(ledger.counts()).toEqual({ open: 0, running: 0, done: 24, failed: 0 });
      expect(ledger.sessions()).toEqual([]);
      const [progress] = sampler.snapshot().tasks;
      expect(progress).toEqual({ ...progress, attempts: 8, done: 8, open: 0, running: 0, faults: 0 });
    });
    const kept = await world.trajectories();
    expect(kept).toEqual(seen.sort());
    expect(new Set(kept).size).toBe(24);
    const { gymsmith } = await world.record('bench/echo1-v1/two/00003');
    expect(gymsmith.attempt).toEqual({ run: RUN_ID, id: 'bench/echo1-v1/two/00003', try: 1, player: 'two', gpus: 0 });
    expect(world.catalogue.journal.open).toBe(0);
  });

  it('gives episodes and answers the seed of their attempt, the same for all players [T1]', async () => {
    const world = await SamplerWorld.open({ tasks: 1 });
    const seeds: (number | undefined)[] = [];
    const model = plainModel(({ seed }) => void seeds.push(seed));
    await world.process({ players: [player('one', model), player('two', model)], attempts: 3 }, async (sampler) => {
      await sampler.run();
    });
    const one = await world.record('bench/echo0-v1/one/00002');
    const two = await world.record('bench/echo0-v1/two/00002');
    expect(one.gymsmith.seed).toBe(two.gymsmith.seed);
    expect(new Set(seeds)).toContain(one.gymsmith.seed);
    expect(new Set(seeds).size).toBe(3);
  });

  it('has as many episodes under way as the server holds, whoever else uses it, and never a try for want of room [T1]', async () => {
    const world = await SamplerWorld.open({ maxEpisodes: 5 });
    const { EnvClient } = await import('../../src/client/index.js');
    const other = await EnvClient.connect(world.server.url);
    const theirs = [await other.reset(world.tasks[0]!), await other.reset(world.tasks[0]!)];
    let most = 0;
    let asked = 0;
    const model = plainModel(async () => {
      most = Math.max(most, world.catalogue.journal.open - theirs.length);
      if (++asked === 12) for (const episode of theirs.splice(0)) await episode.close();
      await new Promise((resolve) => setTimeout(resolve, 3));
    });
    await world.process({ players: [player('p', model)], attempts: 20 }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(ledger.counts().done).toBe(60);
      expect([...ledger.attempts()].every(({ tries }) => tries === 1)).toBe(true);
    });
    expect(most).toBe(3);
    await other.close();
  }, 20_000);

  it('spreads over servers, and goes on while one is away [T1]', async () => {
    const world = await SamplerWorld.open({ maxEpisodes: 4 });
    const second = await SamplerWorld.open({ maxEpisodes: 4 });
    const notices: string[] = [];
    const model = plainModel(() => new Promise((resolve) => setTimeout(resolve, 4)));
    let done = 0;
    const listener: SampleListener = {
      onNotice: (text) => notices.push(text),
      onEpisode: () => {
        if (++done === 20) void second.server.stop();
      },
    };
    const servers = [serverAt(world.server.url), serverAt(second.server.url)];
    await world.process({ servers, players: [player('p', model)], attempts: 20, listener }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(ledger.counts()).toMatchObject({ done: 60, failed: 0 });
      const used = new Set([...ledger.attempts()].flatMap(({ id }) => ledger.tries(id).map(({ server }) => server)));
      expect(used.size).toBe(2);
    });
    expect(second.catalogue.journal.actions.length).toBeGreaterThan(5);
    expect(notices.join()).toMatch(/out of reach|lost|going down/);
  }, 30_000);
});

describe('faults of others', () => {
  it('are played again and counted, and given up after so many tries [T2] [B4]', async () => {
    const world = await SamplerWorld.open({ tasks: 2 });
    let lost = 0;
    const model = new ScriptedModel((request) => {
      const isSick =
        request.messages.some(({ role }) => role === 'user') && request.seed !== undefined && request.seed % 5 === 0;
      const spoken = request.messages.filter(({ role }) => role === 'assistant').length;
      if (isSick && spoken === 0) lost++;
      return `x\n\`\`\`\n${isSick && spoken === 0 ? 'lose' : spoken < 1 ? 'hello' : 'submit'}\n\`\`\``;
    });
    await world.process({ players: [player('p', model)], attempts: 12, patienceMs: 500 }, async (sampler, ledger) => {
      const end = await sampler.run();
      const counts = ledger.counts();
      const sick = [...ledger.attempts()].filter(({ seed }) => seed % 5 === 0);
      expect(sick.length).toBeGreaterThan(0);
      expect(end).toEqual({ why: 'complete' });
      expect(counts.failed).toBe(sick.length);
      expect(counts.done).toBe(24 - sick.length);
      for (const { id } of sick) expect(ledger.tries(id).every(({ end: how }) => how === 'infrastructure')).toBe(true);
      expect(sampler.snapshot().tasks.reduce((sum, { faults }) => sum + faults, 0)).toBe(lost);
    });
    expect(world.catalogue.journal.open).toBe(0);
  }, 30_000);

  it('of an endpoint are no results: a key that is refused ends the run at once with words [T2] [B2]', async () => {
    const world = await SamplerWorld.open();
    const model = new ScriptedModel(() => {
      throw new ModelError('unauthorized', 'HTTP 401: no such key', 1);
    });
    await world.process({ players: [player('p', model)], attempts: 50 }, async (sampler, ledger) => {
      const end = await sampler.run();
      expect(end).toMatchObject({ why: 'fault', error: { message: expect.stringContaining('no such key') } });
      expect(ledger.counts()).toEqual({ open: 150, running: 0, done: 0, failed: 0 });
      expect([...ledger.attempts()].every(({ faults }) => faults === 0)).toBe(true);
    });
    expect(await world.trajectories()).toEqual([]);
  });

  it('of an endpoint that is down end the run after some patience, and cost no attempt its tries; a later run completes [T2] [B2]', async () => {
    const world = await SamplerWorld.open();
    let isDown = true;
    const model = plainModel(() => {
      if (isDown) throw new ModelError('connection', 'ECONNREFUSED', 12);
    });
    const players = [player('p', model)];
    await world.process({ players, patienceMs: 300 }, async (sampler, ledger) => {
      const end = await sampler.run();
      expect(end).toMatchObject({ why: 'fault', error: { message: expect.stringContaining('ECONNREFUSED') } });
      expect(ledger.counts()).toMatchObject({ done: 0, failed: 0, open: 12 });
    });
    isDown = false;
    await world.process({ players }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(ledger.counts().done).toBe(12);
    });
  }, 30_000);

  it('of a task that is not served fail that task alone [T2]', async () => {
    const world = await SamplerWorld.open({ tasks: 2 });
    const create = world.catalogue.create.bind(world.catalogue);
    const { RpcError } = await import('../../src/protocol/index.js');
    world.catalogue.create = (id, params) => {
      if (params.task.includes('echo0')) throw new RpcError('task_broken', 'data.csv is missing');
      return create(id, params);
    };
    await world.process({ attempts: 6 }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      const [broken, sound] = sampler.snapshot().tasks;
      expect(broken).toMatchObject({ failed: 6, done: 0 });
      expect(sound).toMatchObject({ failed: 0, done: 6 });
      expect(ledger.faults(1)[0]).toMatchObject({ code: 'task_broken' });
    });
  });
});

describe("what is nobody else's fault", () => {
  it('a fault of the loop itself is no result: it is tried again and given up with its words [T2]', async () => {
    const world = await SamplerWorld.open({ tasks: 1 });
    const model = new ScriptedModel(() => {
      throw new TypeError('x is not a function');
    });
    await world.process({ players: [player('p', model)], attempts: 2, tries: 2 }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(ledger.counts()).toEqual({ open: 0, running: 0, done: 0, failed: 2 });
      const [fault] = ledger.faults(1);
      expect(fault).toMatchObject({
        end: 'infrastructure',
        code: 'error',
        message: expect.stringContaining('x is not'),
      });
    });
    expect(await world.trajectories()).toEqual([]);
  });

  it('a setting that every task refuses ends the run with words, and fails none of them [T2]', async () => {
    const { RpcError } = await import('../../src/protocol/index.js');
    for (const tasks of [1, 2, 6]) {
      const world = await SamplerWorld.open({ tasks });
      world.catalogue.create = (_id, { task }) => {
        throw new RpcError('invalid_params', `${task}: variables.WINDOW is too long`);
      };
      await world.process({ attempts: 20 }, async (sampler, ledger) => {
        expect(await sampler.run()).toMatchObject({
          why: 'fault',
          error: { message: expect.stringContaining('p cannot play as it is set up') },
        });
        expect(ledger.counts()).toEqual({ open: 20 * tasks, running: 0, done: 0, failed: 0 });
      });
    }
  });

  it('a task that refuses what others take fails alone [T2]', async () => {
    const { RpcError } = await import('../../src/protocol/index.js');
    const world = await SamplerWorld.open({ tasks: 4 });
    const create = world.catalogue.create.bind(world.catalogue);
    world.catalogue.create = (id, params) => {
      if (/echo[01]/.test(params.task)) throw new RpcError('invalid_params', 'no such option');
      return create(id, params);
    };
    await world.process({ attempts: 5 }, async (sampler, ledger) => {
      expect(await sampler.run()).toEqual({ why: 'complete' });
      expect(ledger.counts()).toEqual({ open: 0, running: 0, done: 10, failed: 10 });
    });
  });

  it('a model that is down waits while another plays, which is said once, and ends the run when that is through [T2] [B2]', async () => {
    const world = await SamplerWorld.open();
    const notices: string[] = [];
    const down = plainModel(() => {
      throw new ModelError('connection', 'ECONNREFUSED', 12);
    });
    const players = [player('down', down), player('up')];
    const listener: SampleListener = { onNotice: (text) => notices.push(text) };
    await world.process({ players, patienceMs: 300, listener }, async (sampler, ledger) => {
      const end = await sampler.run();
      expect(end).toMatchObject({ why: 'fault', error: { message: expect.stringMatching(/down: .*ECONNREFUSED/) } });
      expect(ledger.counts()).toEqual({ open: 12, running: 0, done: 12, failed: 0 });
    });
  }, 30_000);
});
