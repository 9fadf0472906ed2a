import type { TaskSummary } from '../../protocol/index.js';
import { pickTeacher } from '../../run/pick-teacher.js';
import { RunError } from '../../run/run-error.js';
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
 * @throws RunError for a task whose name leads out of the directory of its trajectories
 */
export function* planAttempts(
  plan: AttemptPlan,
  tasks: readonly Pick<TaskSummary, 'task' | 'content_hash' | 'gpus'>[],
): Generator<Attempt, void, undefined> {
  const { players, playersPerAttempt } = plan;
  for (const { task } of tasks) refuseUnplaced(task);
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

/** Ids are paths of trajectories, and names of tasks come from servers. */
function refuseUnplaced(task: string): void {
  const isPlace = task.split('/').every((part) => !['', '.', '..'].includes(part)) && !/[\\\p{Cc}]/u.test(task);
  if (isPlace) return;
  throw new RunError(
    `A server has a task that no file can be named after: ${JSON.stringify(task)}.`,
    'Leave it out with --exclude, or ask whoever runs that server.',
  );
}
