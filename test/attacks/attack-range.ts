import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { readConfig } from '../../src/config.js';
import { Baselines } from '../../src/env/baselines.js';
import { Episode } from '../../src/env/episode.js';
import { LeasedSandboxes } from '../../src/env/leased-sandboxes.js';
import { TaskRegistry } from '../../src/env/registry.js';
import type { Action, EpisodeOptions, StepResult } from '../../src/protocol/index.js';
import { GpuLeases } from '../../src/sandbox/gpu-leases.js';
import { LocalBackend } from '../../src/sandbox/local-sandbox.js';
import { SandboxPool } from '../../src/sandbox/sandbox-pool.js';

/** A mark in every hidden row: wherever an agent sees it, something leaked. */
export const SEAL = 'seal-7f3a91';

/** What an honest agent reaches on each task of the range. */
export const HONEST = 0.5;

/** Plays attacks on real sandboxes. */
export class AttackRange {
  private constructor(
    private readonly runDir: string,
    private readonly backend: LocalBackend,
    private readonly pool: SandboxPool,
    private readonly source: LeasedSandboxes,
    private readonly registry: TaskRegistry,
    private readonly baselines: Baselines,
  ) {}

  static async open(): Promise<AttackRange> {
    // A socket's path is short, and the directory for temporary files need not be.
    const runDir = await mkdtemp('/tmp/gs-attack-');
    const backend = new LocalBackend({ rootfs: readConfig().rootfs, runDir });
    const pool = new SandboxPool(backend, { warm: 1, labels: { owner: path.basename(runDir) } });
    const source = new LeasedSandboxes(pool, new GpuLeases([]), backend);
    const registry = await TaskRegistry.open([fileURLToPath(new URL('range', import.meta.url))]);
    expect(registry.faults.filter(({ severity }) => severity === 'error')).toEqual([]);
    return new AttackRange(runDir, backend, pool, source, registry, new Baselines(source));
  }

  /** Begins an episode. */
  async begin(task: string, options?: EpisodeOptions): Promise<Episode> {
    const env = this.registry.get(`attacks/${task}`);
    if (env.kind !== 'task') throw new Error(`${task} is no task`);
    const deps = { sandboxes: this.source, baselines: this.baselines };
    const episode = Episode.create(`attack-${task}`, env.task, { options }, deps);
    await episode.reset();
    return episode;
  }

  /**
   * Plays actions, then submits. What the agent sees must hold nothing that is hidden.
   * @returns the last result
   */
  async attack(task: string, actions: readonly Action[], options?: EpisodeOptions): Promise<StepResult> {
    const episode = await this.begin(task, options);
    try {
      for (const action of [...actions, 'submit']) {
        const result = await episode.step(action);
        expect(result.observation.text).not.toContain(SEAL);
        if (result.terminated || result.truncated) return result;
      }
      throw new Error('the episode did not end');
    } finally {
      await episode.close();
    }
  }

  async close(): Promise<void> {
    await this.baselines.close();
    await this.pool.close();
    expect(await this.backend.list({})).toEqual([]);
    await this.backend.close();
    await rm(this.runDir, { recursive: true, force: true });
  }
}

/** The submission got what it is worth, or nothing; never more. */
export function expectNoGain({ reward, info }: StepResult): void {
  if (info.score !== null) expect(info.score).toBeLessThanOrEqual(HONEST);
  if (reward !== null) expect(reward).toBeLessThanOrEqual(0);
}
