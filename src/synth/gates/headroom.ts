import { proposalOf } from '../proposal/proposal-of.js';
import { boundsOf, isBetter, meanAndStd, shownScore } from '../verification/metric-scale.js';
import { TaskFault } from '../verification/task-fault.js';
import { numberOf, type TrialGate, type TrialSubject } from '../verification/trial-subject.js';

/** Nearer to the bound than this share of the range there is nothing left to gain. */
const SATURATED = 0.01;
/** Standard deviations of the baseline that a better score must be away from it. */
const SIGMAS = 3;

/** The part of G4 that needs no teacher: the baseline is not at the bound already. */
export const saturationGate: TrialGate = {
  name: 'headroom',
  async judge(subject) {
    const { metric } = proposalOf(subject.candidate);
    const { mean } = baselineOf(subject);
    const { best, worst } = boundsOf(metric);
    if (best === null) return { verdict: 'pass', detail: 'the metric has no bound', measured: { baseline_mean: mean } };
    const range = Math.abs((worst ?? worstKnown(subject) ?? mean) - best) || 1;
    const room = Math.abs(best - mean) / range;
    const measured = { baseline_mean: mean, room };
    if (room < SATURATED) {
      const detail = `the baseline scores ${shownScore(mean)}, within 1 % of the bound ${best}`;
      throw new TaskFault('baseline_saturated', detail, null, measured);
    }
    return {
      verdict: 'pass',
      detail: `the baseline is ${(100 * room).toFixed(1)} % of the range off its bound`,
      measured,
    };
  },
};

/**
 * The rest of G4: whether the best of the teacher's episodes beats the baseline beyond its noise. A task that no episode beats is sound
 * and kept apart, so that this never fails.
 */
export const headroomGate: TrialGate = {
  name: 'headroom',
  async judge(subject) {
    const { episodes } = subject.candidate;
    if (episodes.length === 0) return { verdict: 'skip', detail: 'no episode was played' };
    const { mean, std } = baselineOf(subject);
    const scores = episodes.flatMap(({ score }) => (score === null ? [] : [score]));
    const { direction } = proposalOf(subject.candidate).metric;
    const best = scores.length === 0 ? null : direction === 'maximize' ? Math.max(...scores) : Math.min(...scores);
    const isBeaten = best !== null && isBeating(subject, best);
    const measured = { baseline_mean: mean, baseline_std: std, best_score: best, is_beaten: isBeaten };
    const detail = `the best episode scores ${shownScore(best)}, the baseline ${shownScore(mean)} ± ${shownScore(std)}`;
    return { verdict: 'pass', detail: isBeaten ? detail : `${detail}: not beaten`, measured };
  },
};

/** Whether a score is better than the baseline by more than its noise. */
export function isBeating(subject: TrialSubject, score: number): boolean {
  const { mean, std } = baselineOf(subject);
  return isBetter(
    proposalOf(subject.candidate).metric,
    score,
    mean,
    Math.max(SIGMAS * std, subject.task.sidecar.metric.tolerance),
  );
}

/** @returns the baseline over all seeds that were run */
export function baselineOf(subject: TrialSubject): { scores: number[]; mean: number; std: number } {
  const measured = subject.measured('determinism').baseline_scores;
  const scores = Array.isArray(measured) ? measured : [numberOf(subject, 'structure', 'baseline_score') as number];
  return { scores, ...meanAndStd(scores) };
}

function worstKnown(subject: TrialSubject): number | null {
  return numberOf(subject, 'triple', 'shuffled_score') ?? numberOf(subject, 'triple', 'weak_score');
}
