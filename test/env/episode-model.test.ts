import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Episode } from '../../src/env/episode/episode.js';
import type { SandboxRequest, SandboxSource } from '../../src/env/workspace/sandbox-source.js';
import { EpisodeState, RpcError, StepResult } from '../../src/protocol/index.js';
import { type Sandbox, SandboxError } from '../../src/sandbox/sandbox.js';
import { type ToyEpisode, toyEpisode, toyTask } from './toy-task.js';

const ACTIONS = [
  'ls',
  'validate',
  'submit',
  'skip',
  'exit_cost',
  'exit',
  'edit 1:1\nx',
  'open a.py',
  'wait',
  'interrupt',
] as const;

const PARAMS = { options: { max_steps: 5, episode_timeout_s: 1000 } };

const operation = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('step' as const), action: fc.constantFrom(...ACTIONS) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('slow' as const), deadlineMs: fc.constantFrom(1, undefined) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('close', 'lose', 'interrupt', 'adopt', 'late', 'break') }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('both' as const), action: fc.constantFrom(...ACTIONS) }) },
);

/** A server process; once it is killed it does nothing more. */
class Process implements SandboxSource {
  isKilled = false;

  constructor(private readonly sandboxes: SandboxSource) {}

  acquire(request: SandboxRequest, signal: AbortSignal): Promise<Sandbox> {
    return this.sandboxes.acquire(request, signal);
  }

  adopt(id: string): Promise<Sandbox> {
    return this.sandboxes.adopt(id);
  }

  async release(sandbox: Sandbox): Promise<void> {
    if (!this.isKilled) await this.sandboxes.release(sandbox);
  }
}

interface World {
  toy: ToyEpisode;
  isBroken: boolean;
}

async function makeWorld(): Promise<World> {
  const task = await toyTask();
  const world = { isBroken: false } as World;
  world.toy = await toyEpisode({
    task,
    agent: {
      run: ({ command, interrupted }) => {
        if (command !== 'slow') return { output: command, requests: [] };
        return new Promise((resolve) => {
          const timer = setTimeout(() => resolve({ output: 'slow' }), 4);
          interrupted.addEventListener('abort', () => {
            clearTimeout(timer);
            resolve({ status: 'interrupted' });
          });
        });
      },
    },
    evaluator: {
      exec: () => {
        if (world.isBroken) throw new SandboxError('lost', 'gone');
        return { stdout: new TextEncoder().encode('{"r2": 0.75}') };
      },
    },
  });
  return world;
}

/** Whatever happens in whatever order, the promises of an episode hold. */
it('keeps its promises under random operations [B4]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 14 }), async (operations) => {
      const world = await makeWorld();
      const { sandboxes, clock, task } = world.toy;
      let process = new Process(sandboxes);
      let episode = Episode.create('e1', task, PARAMS, { ...world.toy.deps, sandboxes: process });
      await episode.reset();
      world.toy.agent().write('submission.csv', 'x');
      const take = async (action: string, options = {}) => {
        const before = episode.state();
        try {
          const result = StepResult.parse(await episode.step(action, options));
          expect(before.status).not.toBe('ended');
          expect(result.observation.step - before.step_count).toBeLessThanOrEqual(1);
          expect(result.reward === null).toBe(
            result.info.score === null || result.info.exit_status === 'sandbox_unavailable',
          );
          expect(episode.state().terminated || episode.state().truncated).toBe(result.terminated || result.truncated);
        } catch (error) {
          if (!(error instanceof RpcError)) throw error;
          const known = ['episode_over', 'episode_busy', 'sandbox_unavailable', 'evaluation_unavailable', 'cancelled'];
          expect(known).toContain(error.code);
          if (error.code === 'sandbox_unavailable') expect(episode.state().status).toBe('ended');
        }
      };
      for (const next of operations) {
        if (next.kind === 'step') await take(next.action);
        else if (next.kind === 'both') await Promise.all([take(next.action), take('ls')]);
        else if (next.kind === 'slow') await take('slow', { deadlineMs: next.deadlineMs });
        else if (next.kind === 'close') await episode.close();
        else if (next.kind === 'lose') world.toy.agent().lose();
        else if (next.kind === 'late') clock.ms += 2_000_000;
        else if (next.kind === 'break') world.isBroken = !world.isBroken;
        else if (next.kind === 'interrupt') await episode.interrupt().catch(() => {});
        else if (episode.state().status !== 'ended') {
          process.isKilled = true;
          process = new Process(sandboxes);
          const deps = { ...world.toy.deps, sandboxes: process };
          const adopted = await Episode.adopt(episode.toRecord(), task, deps).catch((error: RpcError) => error.code);
          if (adopted === 'sandbox_unavailable') break;
          expect(adopted).toBeInstanceOf(Episode);
          episode = adopted as Episode;
        }
        const state = EpisodeState.parse(episode.state());
        expect(state.terminated && state.truncated).toBe(false);
        expect(state.status === 'ended').toBe(state.exit_status !== null);
        expect(state.step_count).toBeLessThanOrEqual(5 + operations.length);
      }
      await episode.close();
      await episode.close();
      await expect(episode.step('ls')).rejects.toBeInstanceOf(RpcError);
      for (const { sandbox } of sandboxes.made) expect(sandbox.destroyed).toBe(1);
    }),
    { numRuns: 150 },
  );
});
