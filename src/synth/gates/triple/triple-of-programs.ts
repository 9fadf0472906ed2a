import { proposalOf } from '../../proposal/proposal-of.js';
import { keptWork } from '../../verification/attempt-work.js';
import { playWithWork } from '../../verification/baseline-work.js';
import type { GateEpisode, Scoring, SubmittedFile } from '../../verification/gate-episode.js';
import { isBetter, isEqualScore, shownScore } from '../../verification/metric-scale.js';
import { evidenceOfScoring } from '../../verification/scored-work.js';
import { TaskFault } from '../../verification/task-fault.js';
import { numberOf, type TrialSubject } from '../../verification/trial-subject.js';
import { checkedWorks } from '../checked-works.js';
import type { GateFinding } from '../gate.js';
import { cheatCode, fakeScore, linkEvaluator, readerCode, searchHidden, withPrelude } from './cheats.js';

interface Scores {
  nothing: Scoring;
  empty: Scoring;
  linked: Scoring;
  cheats: [string, Scoring][];
  /** Whether code that is handed in can read hidden files. */
  isReading: boolean;
  found: string[];
}

/** The triple of a task that takes code, or what code made: `checks/reference.py` leaves the best work that is known. */
export async function judgePrograms(subject: TrialSubject): Promise<GateFinding> {
  const proposal = proposalOf(subject.candidate);
  const { metric } = proposal;
  const { tolerance } = subject.task.sidecar.metric;
  const baseline = numberOf(subject, 'structure', 'baseline_score') as number;
  // Both come to their end, so that none holds a sandbox when the draft is removed.
  const [works, play] = await Promise.allSettled([
    checkedWorks(subject),
    playWithWork(subject, (episode) => cheat(episode, subject, baseline)),
  ]);
  if (works.status === 'rejected') throw works.reason;
  if (play.status === 'rejected') throw play.reason;
  const { reference, weak } = works.value;
  const scores = play.value;
  const measured = {
    baseline_score: baseline,
    reference_score: reference.score,
    weak_score: weak.score,
    nothing_score: scores.nothing.score,
    empty_score: scores.empty.score,
    ...Object.fromEntries(scores.cheats.map(([name, { score }]) => [`cheat_${name}_score`, score])),
    linked_evaluator_score: scores.linked.score,
  };
  const fail = (fault: TaskFault['fault'], detail: string, evidence: TaskFault['evidence']): never => {
    throw new TaskFault(fault, detail, evidence, measured);
  };
  const shown = (scoring: Scoring) => evidenceOfScoring(scoring, proposal.submission.kind);
  if (scores.found.length > 0) fail('labels_reachable', `the agent can read ${scores.found[0]}`, null);
  const alike = [reference.score, weak.score].every(
    (score) => score !== null && isEqualScore(score, baseline, tolerance),
  );
  if (alike) fail('submission_ignored', `weak, baseline and reference all score ${baseline}`, reference.evidence);
  if (scores.nothing.score !== null) {
    fail(
      'nothing_scores',
      `without any submission the score is ${shownScore(scores.nothing.score)}`,
      shown(scores.nothing),
    );
  }
  if (scores.empty.score !== null) {
    fail('nothing_scores', `empty files score ${shownScore(scores.empty.score)}`, shown(scores.empty));
  }
  if (reference.score === null)
    fail('oracle_rejected', 'what checks/reference.py leaves has no score', reference.evidence);
  const best = reference.score as number;
  if (!isBetter(metric, best, baseline, tolerance)) {
    const detail = `checks/reference.py scores ${shownScore(best)}, the baseline ${shownScore(baseline)}`;
    fail('oracle_rejected', detail, reference.evidence);
  }
  for (const [name, scoring] of [...scores.cheats, ['links', scores.linked] as const]) {
    if (scoring.score === null || !isBetter(metric, scoring.score, baseline, tolerance)) continue;
    const detail = `work that ${name} a score gets ${shownScore(scoring.score)}, the baseline ${shownScore(baseline)}`;
    fail('cheat_scores', detail, shown(scoring));
  }
  if (scores.isReading) fail('labels_reachable', 'evaluate.py lets what is handed in read hidden files', null);
  const detail = `reference ${shownScore(best)}, baseline ${shownScore(baseline)}; nothing scores nothing, cheats gain nothing`;
  return { verdict: 'pass', detail, measured };
}

async function cheat(episode: GateEpisode, subject: TrialSubject, baseline: number): Promise<Scores> {
  const { metric, submission } = proposalOf(subject.candidate);
  const hidden = subject.draft.sidecar.hidden_files ?? [];
  const score = fakeScore(metric, baseline);
  const found = await searchHidden(episode, hidden);
  const work = (await keptWork(subject.directory)) ?? (await episode.take()) ?? [];
  const nothing = await episode.handIn([]);
  const empty = await episode.handIn(submission.files.map((path) => ({ path, contents: new Uint8Array() })));
  const isCode = submission.kind === 'program';
  const cheats: [string, Scoring][] = [];
  for (const name of isCode ? (['prints', 'patches'] as const) : []) {
    const files = withPrelude(work, cheatCode(name, metric, score));
    if (files) cheats.push([name, await episode.handIn(files)]);
  }
  const isReading = isCode && hidden.length > 0 && (await reads(episode, work, hidden));
  await episode.handIn(work);
  await linkEvaluator(episode, metric, score);
  return { nothing, empty, cheats, isReading, found, linked: await episode.evaluate() };
}

/** An evaluation may fail for other reasons than what is read: the same code must score when it reads nothing. */
async function reads(
  episode: GateEpisode,
  work: readonly SubmittedFile[],
  hidden: readonly string[],
): Promise<boolean> {
  const reader = withPrelude(work, readerCode(hidden));
  if (reader === null || (await episode.handIn(reader)).score !== null) return false;
  return (await episode.handIn(withPrelude(work, readerCode([])) ?? [])).score !== null;
}
