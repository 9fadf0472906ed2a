import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { Episode } from '../../src/env/episode/episode.js';
import type { Action, EpisodeOptions, StepResult } from '../../src/protocol/index.js';
import { RealGym } from '../env/real-gym.js';

/** A mark in every hidden row: wherever an agent sees it, something leaked. */
export const SEAL = 'seal-7f3a91';

/** What an honest agent reaches on each task of the range. */
export const HONEST = 0.5;

/** Plays attacks on real sandboxes. */
export class AttackRange {
  private constructor(private readonly gym: RealGym) {}

  static async open(): Promise<AttackRange> {
    return new AttackRange(await RealGym.open(fileURLToPath(new URL('range', import.meta.url))));
  }

  /** Begins an episode. */
  begin(task: string, options?: EpisodeOptions): Promise<Episode> {
    return this.gym.begin(`attacks/${task}`, { options });
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
