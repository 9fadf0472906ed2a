import { readFile } from 'node:fs/promises';
import { proposalOf } from '../../proposal/proposal-of.js';
import type { GateEpisode, Scoring, SubmittedFile } from '../../verification/gate-episode.js';
import { boundsOf, isBetter, isEqualScore, shownScore } from '../../verification/metric-scale.js';
import { evidenceOfScoring } from '../../verification/scored-work.js';
import { TaskFault } from '../../verification/task-fault.js';
import { numberOf, type TrialSubject } from '../../verification/trial-subject.js';
import type { GateFinding } from '../gate.js';
import { type Answers, answersOf, dataFile } from '../tables/answers.js';
import { shuffledAnswers } from '../tables/degrade.js';
import { withColumn, writeTable } from '../tables/table.js';
import { editEvaluator, fakeScore, linkEvaluator, searchHidden } from './cheats.js';

/** How far from the bound the true answers may score, as a share of the range: logarithms are cut off somewhere. */
const REACH = 1e-3;

interface Scores {
  oracle: Scoring;
  half: Scoring;
  empty: Scoring;
  constant: Scoring | null;
  shuffled: Scoring;
  edited: Scoring;
  linked: Scoring;
  found: string[];
}

/** The triple of a task whose submission is a table, of which the hidden answers are the best one. */
export async function judgeTables(subject: TrialSubject): Promise<GateFinding> {
  const answers = await answersOf(subject.candidate);
  if (answers === null) return { verdict: 'skip', detail: 'no answers are known' };
  const sample = dataFile(subject.candidate, 'sample_submission.csv');
  const scores = await subject.bench.play(async (episode) => play(episode, subject, answers, sample));
  const baseline = numberOf(subject, 'structure', 'baseline_score') as number;
  const measured = {
    baseline_score: baseline,
    oracle_score: scores.oracle.score,
    constant_score: scores.constant?.score ?? null,
    shuffled_score: scores.shuffled.score,
    empty_score: scores.empty.score,
    half_score: scores.half.score,
    edited_evaluator_score: scores.edited.score,
    linked_evaluator_score: scores.linked.score,
  };
  judge(subject, scores, baseline, measured);
  const detail = `the answers score ${shownScore(scores.oracle.score)}, shuffled ${shownScore(scores.shuffled.score)}, the baseline ${shownScore(baseline)}; nothing scores nothing`;
  return { verdict: 'pass', detail, measured };
}

function table(text: string | Uint8Array): SubmittedFile[] {
  return [{ path: 'submission.csv', contents: Buffer.from(text as Uint8Array) }];
}

async function play(
  episode: GateEpisode,
  { candidate, draft }: TrialSubject,
  { table: truth, target, values }: Answers,
  sample: string | null,
): Promise<Scores> {
  const { metric } = proposalOf(candidate);
  const found = await searchHidden(episode, draft.sidecar.hidden_files ?? []);
  const oracle = await episode.handIn(table(writeTable(truth)));
  const rows = truth.rows.slice(0, Math.ceil(truth.rows.length / 2));
  const half = await episode.handIn(table(writeTable({ ...truth, rows })));
  const empty = await episode.handIn(table(''));
  const wrong = shuffledAnswers(values, `${candidate.seed} ${candidate.id}`);
  const constant = sample === null ? null : await episode.handIn(table(await readFile(sample)));
  const shuffled = await episode.handIn(table(writeTable(withColumn(truth, target, wrong))));
  // The submission that is there when the evaluator is meddled with is the shuffled one.
  await editEvaluator(episode, metric, fakeScore(metric, oracle.score ?? 1));
  const edited = await episode.evaluate();
  await linkEvaluator(episode, metric, fakeScore(metric, oracle.score ?? 1));
  return { found, oracle, half, empty, constant, shuffled, edited, linked: await episode.evaluate() };
}

function judge(subject: TrialSubject, scores: Scores, baseline: number, measured: GateFinding['measured']): void {
  const { metric } = proposalOf(subject.candidate);
  const { tolerance } = subject.task.sidecar.metric;
  const fail = (fault: TaskFault['fault'], detail: string, scoring: Scoring): never => {
    throw new TaskFault(fault, detail, evidenceOfScoring(scoring, 'predictions'), measured);
  };
  const { oracle, shuffled, empty, half, constant } = scores;
  if (scores.found.length > 0) fail('labels_reachable', `the agent can read ${scores.found[0]}`, oracle);
  const alike = [shuffled.score, baseline].every(
    (score) => score !== null && oracle.score !== null && isEqualScore(score, oracle.score, tolerance),
  );
  if (alike) fail('submission_ignored', `the answers, shuffled answers and the baseline all score ${baseline}`, oracle);
  if (empty.score !== null) fail('nothing_scores', `an empty submission.csv scores ${shownScore(empty.score)}`, empty);
  if (oracle.score === null) fail('oracle_rejected', 'the true answers get no score', oracle);
  const best = oracle.score as number;
  const bound = boundsOf(metric).best;
  const range = Math.max((metric.upper ?? metric.lower) - metric.lower, Math.abs(baseline - (bound ?? best)));
  if (bound !== null && !isEqualScore(best, bound, Math.max(tolerance, REACH * range))) {
    fail('oracle_rejected', `the true answers score ${shownScore(best)}, and the bound is ${bound}`, oracle);
  }
  if (isBetter(metric, baseline, best, tolerance) || (bound === null && !isBetter(metric, best, baseline, tolerance))) {
    fail('oracle_rejected', `the true answers score ${shownScore(best)}, the baseline ${shownScore(baseline)}`, oracle);
  }
  if (half.score !== null && isEqualScore(half.score, best, tolerance)) {
    fail('cheat_scores', `half of the rows score ${shownScore(half.score)}, like all of them`, half);
  }
  const worthless: [string, Scoring | null][] = [
    ['a constant prediction', constant],
    ['shuffled answers', shuffled],
    ['shuffled answers with an edited evaluate.py', scores.edited],
    ['shuffled answers with evaluate.py replaced by a link', scores.linked],
  ];
  for (const [what, scoring] of worthless) {
    if (!scoring || scoring.score === null || !isBetter(metric, scoring.score, baseline, tolerance)) continue;
    fail(
      'cheat_scores',
      `${what}: ${shownScore(scoring.score)}, better than the baseline's ${shownScore(baseline)}`,
      scoring,
    );
  }
}
