import { proposalOf } from '../proposal/proposal-of.js';
import { boundsOf, isBetter, isEqualScore, shownScore } from '../verification/metric-scale.js';
import { evidenceOfScoring } from '../verification/scored-work.js';
import { TaskFault } from '../verification/task-fault.js';
import { numberOf, type TrialGate, type TrialSubject } from '../verification/trial-subject.js';
import { checkedWorks } from './checked-works.js';
import type { Evidence, GateFinding } from './gate.js';
import { type Answers, answersOf } from './tables/answers.js';
import { DEGRADED_SHARES, degradedAnswers } from './tables/degrade.js';
import { withColumn, writeTable } from './tables/table.js';

/** Where chance spoils one order, the mean over so many decides. */
const MOST_DRAWS = 3;

/** G3: worse work scores worse. Answers are made worse step by step; of code, weak work is below the baseline and that below the reference. */
export const sensitivityGate: TrialGate = {
  name: 'sensitivity',
  async judge(subject) {
    if (proposalOf(subject.candidate).submission.kind !== 'predictions') return judgeWorks(subject);
    const answers = await answersOf(subject.candidate);
    return answers === null ? { verdict: 'skip', detail: 'no answers are known' } : judgeAnswers(subject, answers);
  },
};

async function judgeAnswers(subject: TrialSubject, answers: Answers): Promise<GateFinding> {
  const { metric } = proposalOf(subject.candidate);
  const { worst } = boundsOf(metric);
  let means: number[] = [];
  for (let draw = 0; draw < MOST_DRAWS; draw++) {
    const scores = await scoresOf(subject, answers, draw);
    means = scores.map((score, level) => ((means[level] ?? 0) * draw + score) / (draw + 1));
    if (isFalling(means, metric, worst)) {
      const detail = `answers of which 0, 25, 50, 75 and 100 % are wrong score ${means.map(shownScore).join(', ')}`;
      return { verdict: 'pass', detail, measured: { degraded_scores: means, draws: draw + 1 } };
    }
  }
  const detail = `answers of which 0, 25, 50, 75 and 100 % are wrong score ${means.map(shownScore).join(', ')}: each should be worse than the one before`;
  throw new TaskFault('insensitive', detail, null, { degraded_scores: means, draws: MOST_DRAWS });
}

/** Whether each score is worse than the one before; at the worst possible score, which half of the errors may reach, it may stay. */
function isFalling(scores: readonly number[], metric: Parameters<typeof isBetter>[0], worst: number | null): boolean {
  return scores.every((score, level) => {
    const before = scores[level - 1];
    if (before === undefined || isBetter(metric, before, score)) return true;
    return level > 2 && worst !== null && isEqualScore(score, worst) && isEqualScore(before, worst);
  });
}

async function scoresOf(subject: TrialSubject, { table, target, values }: Answers, draw: number): Promise<number[]> {
  const { id, seed } = subject.candidate;
  const levels = degradedAnswers(values, `${seed} ${id} ${draw}`);
  const known = numberOf(subject, 'triple', 'oracle_score');
  return subject.bench.play(async (episode) => {
    const scores: number[] = [];
    for (const [level, answers] of levels.entries()) {
      if (level === 0 && known !== null) {
        scores.push(known);
        continue;
      }
      const contents = Buffer.from(writeTable(withColumn(table, target, answers)));
      const scoring = await episode.handIn([{ path: 'submission.csv', contents }]);
      if (scoring.score === null) {
        const share = 100 * (DEGRADED_SHARES[level] ?? 0);
        const evidence = evidenceOfScoring(scoring, 'predictions');
        throw new TaskFault('insensitive', `answers of which ${share} % are wrong get no score`, evidence);
      }
      scores.push(scoring.score);
    }
    return scores;
  });
}

async function judgeWorks(subject: TrialSubject): Promise<GateFinding> {
  const { metric } = proposalOf(subject.candidate);
  const { tolerance } = subject.task.sidecar.metric;
  const baseline = numberOf(subject, 'structure', 'baseline_score') as number;
  const measured = subject.measured('triple');
  let { weak_score: weak, reference_score: reference } = measured;
  let evidence: Evidence | null = null;
  // What has no score is tried again for the sake of its evidence.
  if (typeof weak !== 'number' || typeof reference !== 'number') {
    const works = await checkedWorks(subject);
    [weak, reference, evidence] = [works.weak.score, works.reference.score, works.weak.evidence];
  }
  const scores = {
    weak_score: weak as number | null,
    baseline_score: baseline,
    reference_score: reference as number | null,
  };
  const shown = `weak ${shownScore(scores.weak_score)}, baseline ${shownScore(baseline)}, reference ${shownScore(scores.reference_score)}`;
  const { weak_score, reference_score } = scores;
  const isOrdered =
    weak_score !== null &&
    reference_score !== null &&
    isBetter(metric, baseline, weak_score, tolerance) &&
    isBetter(metric, reference_score, baseline, tolerance);
  if (isOrdered) return { verdict: 'pass', detail: shown, measured: scores };
  throw new TaskFault('insensitive', `${shown}: each should be better than the one before`, evidence, scores);
}
