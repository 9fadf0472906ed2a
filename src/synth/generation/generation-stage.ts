import { storing } from '../../files/storage-fault.js';
import type { Attempt, Candidate } from '../candidate.js';
import { candidateSeed } from '../chance/candidate-seed.js';
import { afterFailure } from '../debugging/after-failure.js';
import { newAttempt } from '../debugging/new-attempt.js';
import { repositoryVariables } from '../from-repo/repository-variables.js';
import type { Reason } from '../reasons.js';
import type { Stage, StageContext } from '../stage.js';
import { removedFiles } from '../teacher/answers/removed-files.js';
import type { AnswerFile } from '../teacher/teacher.js';
import { readAttempt, writeAttempt } from './attempt-files.js';
import { checkFiles, tidyFiles } from './check-files.js';
import { generationVariables } from './generation-variables.js';

/** What a repair starts from: the last files that there are, and everything that went wrong with them since. */
interface Failed {
  files: AnswerFile[];
  failures: { attempt: number; fault: Reason | null; detail: string; evidence: Attempt['evidence']; gates: unknown }[];
}

function failureOf({ number, fault, detail, evidence, gates }: Attempt): Failed['failures'][number] {
  const failed = gates.filter(({ verdict }) => verdict === 'fail');
  return {
    attempt: number,
    fault,
    detail: detail ?? '',
    evidence,
    gates: failed.map((verdict) => ({
      gate: verdict.gate,
      detail: verdict.detail,
      measured: Object.entries(verdict.measured).map(([name, value]) => ({ name, value: JSON.stringify(value) })),
    })),
  };
}

/** An answer that could not be read left no files: its repair goes on from those before it, unless these were given up. */
async function failedBefore(candidate: Candidate, attempt: Attempt, directory: string): Promise<Failed> {
  const failures: Failed['failures'] = [];
  for (const earlier of candidate.attempts.slice(0, attempt.number).reverse()) {
    failures.unshift(failureOf(earlier));
    const files = await readAttempt(directory, earlier.number);
    if (files.length > 0 || earlier.how !== 'repair') return { files, failures };
  }
  return { files: [], failures };
}

async function ask(
  candidate: Candidate,
  attempt: Attempt,
  context: StageContext,
): Promise<{ files: AnswerFile[] } | { fault: Reason; detail: string }> {
  const question = {
    key: `generation/${attempt.number}`,
    prompt: attempt.how === 'repair' ? 'repair' : candidate.grounding?.repository ? 'repo-generation' : 'generation',
    seed: candidateSeed(candidate, 'generation', attempt.number),
  };
  const variables = {
    ...generationVariables(candidate, context.settings),
    ...(await repositoryVariables(candidate, context.settings)),
  };
  const before = attempt.how === 'repair' ? await failedBefore(candidate, attempt, context.directory) : null;
  const answer = await context.teacher.askFiles({ ...question, variables: { ...variables, ...before } });
  if ('fault' in answer) {
    const fault = answer.fault.kind === 'refused' ? 'generation_refused' : 'generation_malformed';
    return { fault, detail: answer.fault.detail };
  }
  // A repair names what it changes and what it removes; the rest stays.
  const removed = new Set(removedFiles(answer.notes));
  const kept = (before?.files ?? []).filter(({ path }) => !removed.has(path));
  return { files: tidyFiles([...kept, ...tidyFiles(answer.files)]) };
}

/**
 * Asks the teacher for the programs of a task and keeps them below `attempts/<n>`: anew for a first attempt and a restart, with the
 * evidence for a repair. An answer that holds no usable files is a failed attempt. Rejects with StorageFault too.
 */
export const generationStage: Stage = {
  name: 'generation',
  async run(given, context) {
    const decided = afterFailure(given, context.settings);
    if (decided.state === 'rejected') return decided;
    const last = decided.attempts.at(-1);
    const attempt = last ?? newAttempt(0, 'first');
    const candidate = last ? decided : { ...decided, attempts: [attempt] };
    if (candidate !== given) await context.save(candidate);
    context.tell(
      attempt.how === 'repair' ? `repairs the programs (attempt ${attempt.number + 1})` : 'writes the programs',
    );
    const answer = await ask(candidate, attempt, context);
    const { fault, usable } = 'files' in answer ? checkFiles(candidate, answer.files) : { fault: answer, usable: [] };
    // What can be kept of a faulty answer is where its repair begins.
    const { directory } = context;
    if (usable.length > 0) await storing(directory, () => writeAttempt(directory, attempt.number, usable));
    if (fault === null) return { ...candidate, state: 'verification' };
    const failed: Attempt = { ...attempt, verdict: 'failed', fault: fault.fault, detail: fault.detail };
    return afterFailure({ ...candidate, attempts: [...candidate.attempts.slice(0, -1), failed] }, context.settings);
  },
};
