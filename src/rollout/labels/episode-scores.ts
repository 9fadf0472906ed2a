import type { TrajectoryFile } from '../parse-trajectory.js';
import type { Labels } from './labels.js';

type EpisodeScores = Pick<
  Labels,
  'direction' | 'baseline' | 'submissions' | 'valid' | 'best' | 'last' | 'improves' | 'improvement'
>;

/**
 * What the evaluations of an episode came to. Files of others name neither the metric nor its direction: a score is known of them where
 * an evaluator printed one number only, the best one is not.
 */
export function episodeScores(trajectory: TrajectoryFile['trajectory']): EpisodeScores {
  const { gymsmith } = trajectory;
  if (!gymsmith) return foreignScores(trajectory);
  const { direction, metric, baseline_scores, steps } = gymsmith;
  const baseline = finite(metric === null ? undefined : baseline_scores?.[metric]);
  const evaluations = steps.filter(({ valid }) => valid !== null);
  const scores = evaluations.map(({ score, valid }) => (valid ? finite(score) : null));
  const known = scores.filter((score) => score !== null);
  const best = bestOf(known, direction);
  const gain = best === null || baseline === null ? null : direction === 'minimize' ? baseline - best : best - baseline;
  return {
    direction,
    baseline,
    submissions: evaluations.length,
    valid: known.length,
    best,
    last: scores.at(-1) ?? null,
    improves: gain !== null && gain > 0,
    improvement: gain === null || baseline === 0 ? null : finite(gain / Math.abs(baseline!)),
  };
}

function bestOf(scores: readonly number[], direction: Labels['direction']): number | null {
  if (direction === null || scores.length === 0) return null;
  // As arguments of one call very many scores would exhaust the stack.
  return scores.reduce((best, score) => (direction === 'maximize' ? Math.max(best, score) : Math.min(best, score)));
}

/** Every evaluation that produced metrics is in MLGym's list; those that did not are only seen by the action that asked for them. */
function foreignScores({ trajectory, info }: TrajectoryFile['trajectory']): EpisodeScores {
  const scores = (info.score ?? []).map((metrics) =>
    Object.values(metrics)
      .map(finite)
      .filter((value) => value !== null),
  );
  const valid = scores.filter((values) => values.length > 0);
  const asked = trajectory.filter(({ action }) => /^(?:validate|submit)$/.test(action.trim())).length;
  const last = scores.at(-1) ?? [];
  return {
    direction: null,
    baseline: null,
    submissions: Math.max(scores.length, asked),
    valid: valid.length,
    best: null,
    last: last.length === 1 ? last[0]! : null,
    improves: false,
    improvement: null,
  };
}

function finite(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
