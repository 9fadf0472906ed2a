import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Episode } from '../../src/env/episode/episode.js';
import type { Action, EpisodeOptions, StepResult } from '../../src/protocol/index.js';
import { RealGym } from '../env/real-gym.js';

/** A mark in every hidden row: wherever an agent sees it, something leaked. */
export const SEAL = 'seal-7f3a91';

/** What an honest agent reaches on each task of the range. */
export const HONEST = 0.5;

type Compat = NonNullable<EpisodeOptions['compat']>;

/** Both ways to answer: neither opens anything that the other has closed. */
export const BOTH: readonly Compat[] = ['fixed', 'mlgym'];

/** Plays attacks on real sandboxes. */
export class AttackRange {
  private constructor(
    private readonly gym: RealGym,
    private readonly compat: Compat,
  ) {}

  /** @param compat of episodes that are not asked for another */
  static async open(compat: Compat): Promise<AttackRange> {
    return new AttackRange(await RealGym.open(fileURLToPath(new URL('range', import.meta.url))), compat);
  }

  /** Begins an episode. */
  begin(task: string, options?: EpisodeOptions): Promise<Episode> {
    return this.gym.begin(`attacks/${task}`, { options: { compat: this.compat, ...options } });
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

  close(): Promise<void> {
    return this.gym.close();
  }
}

/** The submission got what it is worth, or nothing; never more. */
export function expectNoGain({ reward, info }: StepResult): void {
  if (info.score !== null) expect(info.score).toBeLessThanOrEqual(HONEST);
  if (reward !== null) expect(reward).toBeLessThanOrEqual(0);
}
