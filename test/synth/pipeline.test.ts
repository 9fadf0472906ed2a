import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Candidate, STAGES } from '../../src/synth/candidate.js';
import { funnelOf } from '../../src/synth/pipeline/funnel.js';
import { runResult } from '../../src/synth/pipeline/run-result.js';
import { type Stage, StageFault } from '../../src/synth/stage.js';
import { type ScriptedPass, ScriptedSynthesis, type SynthScript } from '../../src/testing/synth/scripted-synthesis.js';
import { begin, inDirectory, settingsOf } from './pipeline-harness.js';

const ON: ScriptedPass = { questions: 1, sandboxes: 0, faults: 0, end: 'on', saves: false };

const end = fc.oneof(
  { weight: 6, arbitrary: fc.constant('on' as const) },
  { weight: 2, arbitrary: fc.constant('back' as const) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      { reason: 'dataset_missing', state: 'rejected' } as const,
      { reason: 'baseline_failed', state: 'rejected' } as const,
      { reason: 'baseline_not_beaten', state: 'frontier' } as const,
    ),
  },
);
const pass = fc.record({
  questions: fc.integer({ min: 0, max: 3 }),
  sandboxes: fc.integer({ min: 0, max: 2 }),
  faults: fc.constantFrom(0, 0, 0, 1, 2),
  end,
  saves: fc.boolean(),
});
/** Fates drawn once for each stage and pass of a topic. */
const fates = fc.array(fc.array(pass, { minLength: 15, maxLength: 15 }), { minLength: 1, maxLength: 6 });

function scriptOf(fates: readonly (readonly ScriptedPass[])[]): SynthScript {
  return (id, stage, attempt) => {
    const fate = fates[(Number.parseInt(id, 10) - 1) % fates.length]!;
    const planned = fate[(STAGES.indexOf(stage) + attempt * 5) % fate.length]!;
    const mayGoBack = stage === 'verification' && attempt < 2;
    return { ...planned, end: planned.end === 'back' && !mayGoBack ? 'on' : planned.end };
  };
}

/** Resolves when the step is reached; from then on nothing of that process moves. */
function killAt(step: number): { onStep: () => Promise<void>; killed: Promise<'killed'> } {
  let steps = 0;
  let kill: () => void = () => {};
  const killed = new Promise<'killed'>((resolve) => {
    kill = () => resolve('killed');
  });
  const onStep = () => {
    if (++steps < step) return Promise.resolve();
    kill();
    return new Promise<void>(() => {});
  };
  return { onStep, killed };
}

describe('the pipeline', () => {
  it('ends the same however often it is killed, asks nothing twice, and its funnel adds up [S7, S8]', async () => {
    const kills = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fates, fc.integer({ min: 1, max: 7 }), kills, async (fates, topics, kills) => {
        const script = scriptOf(fates);
        const settings = settingsOf({ topics, tasks_per_topic: 2, concurrency: { candidates: 4, teacher: 2 } });
        const whole = new ScriptedSynthesis({ topics, script });
        const wanted = await inDirectory(async (directory) => {
          const { end, store, budget } = begin(directory, whole, settings);
          expect(await end).toEqual({ why: 'complete' });
          return { candidates: await store.load(), calls: budget.spent.calls };
        });
        const world = new ScriptedSynthesis({ topics, script });
        await inDirectory(async (directory) => {
          for (const step of kills) {
            const { onStep, killed } = killAt(step);
            world.onStep = onStep;
            const { end, store, pipeline } = begin(directory, world, settings);
            const came = await Promise.race([end, killed]);
            funnelOf(pipeline.snapshot().candidates);
            if (came !== 'killed') break;
            await store.kill();
            funnelOf(await store.load());
          }
          world.onStep = async () => {};
          const { end, store, budget } = begin(directory, world, settings);
          expect(await end).toEqual({ why: 'complete' });
          const candidates = await store.load();
          expect(runResult(candidates)).toEqual(runResult(wanted.candidates));
          expect(budget.spent.calls).toBe(wanted.calls);
          const funnel = funnelOf(candidates);
          expect([funnel.candidates, funnel.open]).toEqual([topics * 2, 0]);
          expect(funnel).toEqual(funnelOf(wanted.candidates));
        });
        expect([...world.asked.keys()].sort()).toEqual([...whole.asked.keys()].sort());
        const twice = [...world.asked.values()].reduce((sum, count) => sum + count - 1, 0);
        // Only those that were under way at a kill.
        expect(twice).toBeLessThanOrEqual(kills.length * 2);
      }),
      { numRuns: 40 },
    );
  });

  it('has no more candidates, questions and sandboxes at once than it may', async () => {
    const script: SynthScript = () => ({ ...ON, questions: 2, sandboxes: 2 });
    const times = { question: () => 2, sandbox: () => 3 };
    const world = new ScriptedSynthesis({ topics: 20, script, times });
    const settings = settingsOf({ topics: 20, concurrency: { candidates: 9, teacher: 5 } });
    await inDirectory(async (directory) => {
      let most = 0;
      const { end, pipeline } = begin(directory, world, settings, {
        listener: {
          onDoing: () => {
            most = Math.max(most, pipeline.snapshot().underWay.length);
          },
        },
      });
      expect(await end).toEqual({ why: 'complete' });
      expect([most, world.most.questions, world.most.sandboxes]).toEqual([9, 5, 3]);
    });
  });

  it('ends at its budget with at most what was under way beyond it, and goes on under a higher one [S8]', async () => {
    const script: SynthScript = () => ({ ...ON, questions: 2, sandboxes: 1 });
    const topics = 10;
    const world = new ScriptedSynthesis({ topics, script, times: { question: () => 1, sandbox: () => 1 } });
    const concurrency = { candidates: 6, teacher: 3 };
    await inDirectory(async (directory) => {
      for (const [usd, whys] of [
        [0.2, 'budget'],
        [0.5, 'budget'],
        [100, 'complete'],
      ] as const) {
        const { end, budget } = begin(directory, world, settingsOf({ topics, concurrency, budget: { usd } }));
        const came = await end;
        expect(came.why).toBe(whys);
        if (came.why === 'budget') expect(came.reached).toMatchObject({ what: 'usd', limit: usd });
        // Three questions at once, a cent each, summed up in any order.
        expect(budget.spent.usd).toBeLessThan(usd + 0.031);
      }
      expect([...world.asked.values()].every((count) => count === 1)).toBe(true);
    });
  });

  it('discards what a stage makes of a refused question: it rests on the refusal', async () => {
    const deaf: Stage = {
      name: 'proposal',
      run: async (candidate, context) => {
        const { meter } = context as unknown as {
          meter: { ask(work: () => Promise<void>, signal: AbortSignal): Promise<void> };
        };
        await meter.ask(async () => {}, context.signal).catch(() => {});
        return { ...candidate, state: 'rejected', reason: 'proposal_malformed' };
      },
    };
    const world = new ScriptedSynthesis({ topics: 1, script: () => ON });
    await inDirectory(async (directory) => {
      const { end, store } = begin(directory, world, settingsOf({ topics: 1, budget: { usd: 0.005 } }), {
        stages: [deaf],
      });
      expect((await end).why).toBe('budget');
      expect((await store.load()).map(({ state }) => state)).toEqual(['proposal']);
    });
  });

  it('tries a stage again when others fail, so many times, then leaves the candidate rejected for it [B2, B3]', async () => {
    const faults = (id: string): number => (id.startsWith('0001') ? 3 : 99);
    const script: SynthScript = (id, stage) => ({ ...ON, faults: stage === 'grounding' ? faults(id) : 0 });
    const world = new ScriptedSynthesis({ topics: 2, script });
    await inDirectory(async (directory) => {
      const { end, store } = begin(directory, world, settingsOf({ topics: 2 }));
      expect(await end).toEqual({ why: 'complete' });
      const [first, second] = await store.load();
      expect(first).toMatchObject({ state: 'published', retries: 3 });
      expect(second).toMatchObject({
        state: 'rejected',
        ended_in: 'grounding',
        reason: 'hub_unavailable',
        detail: 'fault 4',
        retries: 4,
      });
    });
  });

  it('ends the run at an outage, and at a fault that only a person mends, with all candidates kept', async () => {
    const outage = new ScriptedSynthesis({
      topics: 30,
      script: (_id, stage) => ({ ...ON, faults: stage === 'grounding' ? 99 : 0 }),
    });
    await inDirectory(async (directory) => {
      const { end, store } = begin(directory, outage, settingsOf({ topics: 30, concurrency: { candidates: 2 } }));
      const came = await end;
      expect(came).toMatchObject({ why: 'fault', error: { reason: 'hub_unavailable' } });
      const given = (await store.load()).filter(({ reason }) => reason === 'hub_unavailable');
      expect(given.length).toBeLessThanOrEqual(10);
    });
    const world = new ScriptedSynthesis({ topics: 3, script: () => ON });
    const locked: Stage = {
      name: 'proposal',
      run: async () => {
        throw new StageFault('teacher_unavailable', 'the key is wrong', true);
      },
    };
    await inDirectory(async (directory) => {
      const { end, store } = begin(directory, world, settingsOf({ topics: 3 }), { stages: [locked] });
      expect(await end).toMatchObject({ why: 'fault', error: { message: 'the key is wrong' } });
      expect((await store.load()).every(({ state }) => state === 'proposal')).toBe(true);
    });
  });

  it('leaves a candidate that this program fails on as it was, and takes the others to their ends', async () => {
    const world = new ScriptedSynthesis({ topics: 3, script: () => ON });
    const stages = world.stages.map((stage) => ({
      ...stage,
      run: async (...[candidate, context]: Parameters<Stage['run']>) => {
        if (candidate.id.startsWith('0002') && stage.name === 'generation') throw new TypeError('x is not a function');
        return stage.run(candidate, context);
      },
    }));
    await inDirectory(async (directory) => {
      const { end, store } = begin(directory, world, settingsOf({ topics: 3 }), { stages });
      expect(await end).toMatchObject({ why: 'broken', candidates: [{ id: '0002-1-topic-2' }] });
      expect((await store.load()).map(({ state }) => state)).toEqual(['published', 'generation', 'published']);
    });
  });

  it('when stopped, waits for the answers that are paid for and drops the rest; the next process goes on', async () => {
    const script: SynthScript = (_id, stage) => ({ ...ON, sandboxes: stage === 'verification' ? 1 : 0 });
    const times = { question: () => 20, sandbox: () => 60_000 };
    const slow = { topics: 4, script, times };
    const world = new ScriptedSynthesis(slow);
    await inDirectory(async (directory) => {
      const { end, pipeline } = begin(directory, world, settingsOf({ topics: 4 }));
      while (world.most.sandboxes < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      pipeline.stop();
      expect(await end).toEqual({ why: 'stopped' });
      times.sandbox = () => 0;
      const again = begin(directory, world, settingsOf({ topics: 4 }));
      expect(await again.end).toEqual({ why: 'complete' });
      expect([...world.asked.values()].every((count) => count === 1)).toBe(true);
    });
  });

  it('gives the proposals of lower ids once they are all there, whoever is ahead [S7]', async () => {
    const world = new ScriptedSynthesis({ topics: 12, script: () => ON });
    const slug = (id: string) => `topic-${Number.parseInt(id, 10)}`;
    const seen = new Map<string, string[]>();
    await inDirectory(async (directory) => {
      const stages = world.stages.map(
        (stage): Stage => ({
          name: stage.name,
          run: async (candidate, context) => {
            const next = await stage.run(candidate, context);
            if (stage.name === 'proposal') {
              // The later ones are first.
              await new Promise((resolve) => setTimeout(resolve, 60 - 5 * Number.parseInt(candidate.id, 10)));
              if (candidate.id.startsWith('0003')) return { ...next, state: 'rejected', reason: 'proposal_malformed' };
              return { ...next, proposal: { slug: slug(candidate.id) } as Candidate['proposal'] };
            }
            if (stage.name === 'verification') {
              const earlier = await begun.pipeline.earlier(candidate.id, context.signal);
              seen.set(
                candidate.id,
                earlier.map(({ proposal }) => proposal.slug),
              );
            }
            return next;
          },
        }),
      );
      const begun = begin(directory, world, settingsOf({ topics: 12 }), { stages });
      expect(await begun.end).toEqual({ why: 'complete' });
    });
    expect(seen.size).toBe(11);
    for (const [id, slugs] of seen) {
      const before = Array.from({ length: Number.parseInt(id, 10) - 1 }, (_, at) => `topic-${at + 1}`);
      expect(slugs).toEqual(before.filter((name) => name !== 'topic-3'));
    }
  });

  it('draws teachers by their weights, by the seeds of candidates alone [F4]', async () => {
    const teachers = [
      { model: 'a', weight: 3 },
      { model: 'b', weight: 1 },
    ];
    const drawn = async () => {
      const world = new ScriptedSynthesis({ topics: 100, script: () => ({ ...ON, questions: 0 }) });
      return inDirectory(async (directory) => {
        const { end, store } = begin(directory, world, settingsOf({ topics: 100, tasks_per_topic: 2, teachers }));
        await end;
        return (await store.load()).map(({ teacher }) => teacher);
      });
    };
    const first = await drawn();
    expect(await drawn()).toEqual(first);
    const share = first.filter((teacher) => teacher === 0).length / first.length;
    expect(share).toBeGreaterThan(0.65);
    expect(share).toBeLessThan(0.85);
  });
});
