import type { Labels } from '../../labels/labels.js';
import type { Drop } from '../manifest.js';

/** What is remembered of a trajectory until all have been seen: enough to choose and to count, and no text of it. */
export interface TrajectoryFacts {
  id: string;
  file: string;
  /** Null: the file could not be read. */
  labels: Pick<
    Labels,
    'task' | 'model' | 'exit_status' | 'tokens' | 'steps' | 'improvement' | 'improves' | 'fingerprint'
  > | null;
  isValid: boolean;
  /** Best score, its sign turned where less is better: more is better. */
  score: number | null;
  /** Why it is out before any comparison with others. */
  drop: Drop | null;
  /** Of the filter: what did not hold. */
  clause: string | null;
}

/** @returns the facts of labels that are remembered */
export function factsOf(labels: Labels): Pick<TrajectoryFacts, 'labels' | 'isValid' | 'score'> {
  const { task, model, exit_status, tokens, steps, improvement, improves, fingerprint, best, direction } = labels;
  return {
    labels: { task, model, exit_status, tokens, steps, improvement, improves, fingerprint },
    isValid: labels.valid >= 1,
    score: best !== null && direction === 'minimize' ? -best : best,
  };
}
