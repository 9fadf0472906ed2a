import type { TaskSummary } from '../../protocol/index.js';
import type { Output } from '../output.js';

const ARROWS = { maximize: '↑', minimize: '↓' } as const;

/** A score with as many digits as a person compares. */
export function scoreText(score: number | null): string {
  if (score === null) return '-';
  return Number.isInteger(score) ? String(score) : String(Number(score.toPrecision(5)));
}

/** The metric and which way is better. */
export function metricText({ metric, direction }: Pick<TaskSummary, 'metric' | 'direction'>): string {
  return metric === null ? '-' : `${metric}${direction === null ? '' : ` ${ARROWS[direction]}`}`;
}

/** Prints tasks as rows. */
export function printTasks(tasks: readonly TaskSummary[], output: Output): void {
  const rows = tasks.map((task) => [
    output.style('accent', task.task),
    task.entrypoint.replace('SubmissionTasks', ''),
    metricText(task),
    scoreText(task.baseline),
    String(task.gpus),
    String(task.max_steps),
  ]);
  output.table(['TASK', 'KIND', 'METRIC', 'BASELINE', 'GPUS', 'STEPS'], rows, [3, 4, 5]);
}
