import { checkHidden } from '../../../env/check/check-findings.js';
import type { GateEpisode, Scoring } from '../../verification/gate-episode.js';
import { evidenceOfScoring } from '../../verification/scored-work.js';
import { TaskFault } from '../../verification/task-fault.js';
import { numberOf, type TrialGate } from '../../verification/trial-subject.js';
import { type Answers, answersOf } from '../tables/answers.js';
import { type Table, withColumn, writeTable } from '../tables/table.js';
import { LabelTraces } from './label-traces.js';

/** An evaluation that prints more is no evaluation. */
const MOST_PRINTED = 24;
/** What no answer is. */
const GARBAGE = 'no-such-answer';

/** The part of G5 that plays: hidden files in the agent's sandbox, and what the evaluator tells when a submission is wrong. */
export const leakageGate: TrialGate = {
  name: 'leakage',
  async judge(subject) {
    const { bench, candidate } = subject;
    const texts = String(subject.measured('structure').printed_texts ?? '');
    if (texts !== '') throw new TaskFault('labels_printed', `evaluate.py prints more than numbers: ${texts}`);
    const printed = numberOf(subject, 'structure', 'printed_values') ?? 1;
    if (printed > MOST_PRINTED) {
      throw new TaskFault('labels_printed', `evaluate.py prints ${printed} numbers, and ${MOST_PRINTED} are the most`);
    }
    const answers = await answersOf(candidate);
    return bench.play(async (episode) => {
      const found = await checkHidden(bench.task, episode.probe);
      if (found.verdict === 'fail') throw new TaskFault('labels_reachable', found.detail);
      const messages = answers === null ? 0 : await judgeMessages(episode, answers);
      const detail = messages === 0 ? found.detail : `${found.detail}; messages on wrong submissions tell no answers`;
      return { verdict: 'pass', detail, measured: { wrong_submissions: messages, printed_values: printed } };
    });
  },
};

/** Submissions that are wrong in the ways in which agents err. */
function wrongOnes({ table, target, values }: Answers): Table[] {
  const garbage = withColumn(
    table,
    target,
    values.map(() => GARBAGE),
  );
  const half = { ...garbage, rows: garbage.rows.slice(0, Math.ceil(garbage.rows.length / 2)) };
  const nameless = { ...garbage, columns: garbage.columns.map((name) => (name === target ? 'prediction_' : name)) };
  return [garbage, half, nameless];
}

async function judgeMessages(episode: GateEpisode, answers: Answers): Promise<number> {
  const traces = new LabelTraces(answers.ids, answers.values);
  const wrong = wrongOnes(answers);
  for (const table of wrong) {
    const scoring: Scoring = await episode.handIn([
      { path: 'submission.csv', contents: Buffer.from(writeTable(table)) },
    ]);
    const trace = traces.find(scoring.text);
    if (!trace) continue;
    const detail = `evaluate.py tells ${trace.length} answers ${trace.how} when a submission is wrong`;
    throw new TaskFault('labels_printed', detail, evidenceOfScoring(scoring, 'predictions'));
  }
  return wrong.length;
}
