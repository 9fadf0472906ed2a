import type { TaskSummary } from '../../protocol/index.js';
import { pickTeacher } from '../../run/pick-teacher.js';
import type { Attempt } from '../../store/attempt.js';
import { attemptSeed } from './attempt-seed.js';

/** What decides what is played. */
export interface AttemptPlan {
  seed: number;
  /** At each task. */
  attempts: number;
  players: readonly { name: string; weight: number }[];
  playersPerAttempt: 'weights' | 'all';
}

const DIGITS = 5;

/**
 * All attempts at tasks: the first at every task before the second at any. More attempts or tasks leave those that were there as they
 * were.
 */
export function* planAttempts(
  plan: AttemptPlan,
  tasks: readonly Pick<TaskSummary, 'task' | 'content_hash' | 'gpus'>[],
): Generator<Attempt, void, undefined> {
  const { players, playersPerAttempt } = plan;
  const weights = players.map(({ weight }) => weight);
  for (let number = 0; number < plan.attempts; number++) {
    for (const { task, content_hash, gpus } of tasks) {
      const seed = attemptSeed(plan.seed, task, number);
      const playing = playersPerAttempt === 'all' ? players : [players[pickTeacher(seed, weights)]!];
      for (const { name } of playing) {
        const id = `${task}/${name}/${String(number).padStart(DIGITS, '0')}`;
        yield { id, task, task_hash: content_hash, model: name, number, seed, gpus };
      }
    }
  }
}
