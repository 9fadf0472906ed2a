import type { AgentRun } from '../../agent/agent-run.js';

/** Scores of a run; null where there is none. */
export interface RunScores {
  /** That of the submission, where the run ended in one. */
  final: number | null;
  /** Of all validations and the submission. */
  best: number | null;
}

/** @returns the scores of a run */
export function runScores({ steps, task }: AgentRun): RunScores {
  const scores = steps.flatMap(({ result }) => result.info.score ?? []);
  return { final: steps.at(-1)?.result.info.score ?? null, best: bestOf(scores, task.direction) };
}

/** @returns the best score in the direction of the task; null of none */
export function bestOf(scores: readonly number[], direction: AgentRun['task']['direction']): number | null {
  if (scores.length === 0) return null;
  return direction === 'minimize' ? Math.min(...scores) : Math.max(...scores);
}
