import { proposalOf } from '../proposal/proposal-of.js';
import { playWithWork } from '../verification/baseline-work.js';
import { isEqualScore, meanAndStd, shownScore } from '../verification/metric-scale.js';
import { evidenceOfScoring, runBaseline, scoreOf } from '../verification/scored-work.js';
import { TaskFault } from '../verification/task-fault.js';
import { numberOf, type TrialGate, type TrialSubject } from '../verification/trial-subject.js';

/** G2: evaluations of one submission are equal, and the baseline runs with every seed; how its scores differ is the noise of the task. */
export const determinismGate: TrialGate = {
  name: 'determinism',
  async judge(subject) {
    const { baseline_runs, evaluation_runs } = subject.context.settings.verification;
    const first = numberOf(subject, 'structure', 'baseline_score') as number;
    const seeds = Array.from({ length: baseline_runs - 1 }, (_, index) => index + 1);
    // All come to their end, so that none holds a sandbox when the draft is removed.
    const [again, ...others] = await settled([
      evaluated(subject, evaluation_runs - 1),
      ...seeds.map((seed) => seeded(subject, seed)),
    ]);
    const same = [first, ...(again as number[])];
    const spread = Math.max(...same) - Math.min(...same);
    const { tolerance } = subject.task.sidecar.metric;
    const scores = [first, ...(others as number[])];
    const { mean, std } = meanAndStd(scores);
    const measured = { evaluations: same, spread, baseline_scores: scores, baseline_mean: mean, baseline_std: std };
    if (same.some((score) => !isEqualScore(score, first, tolerance))) {
      const detail = `evaluations of one submission gave ${same.map(shownScore).join(', ')}`;
      throw new TaskFault('evaluation_unsteady', detail, null, measured);
    }
    const detail = `${same.length} evaluations are equal; ${shownScore(mean)} ± ${shownScore(std)} over ${scores.length} seeds`;
    return { verdict: 'pass', detail, measured };
  },
};

async function settled(work: readonly Promise<number | number[]>[]): Promise<(number | number[])[]> {
  const results = await Promise.allSettled(work);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function evaluated(subject: TrialSubject, times: number): Promise<number[]> {
  if (times < 1) return [];
  const kind = proposalOf(subject.candidate).submission.kind;
  return playWithWork(subject, async (episode) => {
    const scores: number[] = [];
    for (let time = 0; time < times; time++) {
      const scoring = await episode.evaluate();
      if (scoring.score === null) {
        const detail = 'a submission that had a score has none when it is evaluated again';
        throw new TaskFault('evaluation_unsteady', detail, evidenceOfScoring(scoring, kind));
      }
      scores.push(scoring.score);
    }
    return scores;
  });
}

async function seeded(subject: TrialSubject, seed: number): Promise<number> {
  return subject.bench.play(async (episode) => {
    try {
      await runBaseline(episode, subject.context, seed);
      return scoreOf(await episode.evaluate(), proposalOf(subject.candidate));
    } catch (error) {
      if (!(error instanceof TaskFault)) throw error;
      const detail = `with SEED=${seed}, but not with SEED=0: ${error.detail}`;
      throw new TaskFault('baseline_unsteady', detail, error.evidence);
    }
  });
}
