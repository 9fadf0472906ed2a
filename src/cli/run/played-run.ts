import path from 'node:path';
import type { AgentRun } from '../../agent/agent-run.js';
import { taskIdOf } from '../../rollout/run-directory.js';

/** A run and where its files are. */
export interface PlayedRun {
  run: AgentRun;
  directory: string;
  /** Why its files are not complete. */
  fault: Error | null;
}

/** @returns where the trajectory of a run is */
export function trajectoryOf({ run, directory }: PlayedRun): string {
  return path.join(directory, `${taskIdOf(run.task)}.traj`);
}

/** @returns whether the model ever answered: where its first request failed for good there is nothing to look at or to play again */
export function isPlayed({ stop, stats }: Pick<AgentRun, 'stop' | 'stats'>): boolean {
  return stop !== 'api' || stats.api_calls > 0;
}
