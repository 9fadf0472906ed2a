import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { proposalOf } from '../proposal/proposal-of.js';
import { keepCopy, restoreCopy } from '../verification/baseline-work.js';
import type { GateEpisode } from '../verification/gate-episode.js';
import { evidenceOf, evidenceOfScoring, runBaseline } from '../verification/scored-work.js';
import type { TrialSubject } from '../verification/trial-subject.js';
import type { Evidence } from './gate.js';

/** What a program of `checks/` leaves, as it scores. */
interface CheckedWork {
  /** Null: none. */
  score: number | null;
  evidence: Evidence;
}

/** Work that is clearly better than the baseline's, and clearly worse. */
export interface CheckedWorks {
  reference: CheckedWork;
  weak: CheckedWork;
}

/**
 * Runs `checks/reference.py` and `checks/weak.py` of a program or artifact task, each in the workspace as the baseline left it, and
 * scores what they leave.
 */
export function checkedWorks(subject: TrialSubject): Promise<CheckedWorks> {
  return subject.bench.play(async (episode) => {
    await runBaseline(episode, subject.context, 0);
    await keepCopy(episode);
    const reference = await scored(episode, subject, 'reference.py');
    await restoreCopy(episode);
    return { reference, weak: await scored(episode, subject, 'weak.py') };
  });
}

async function scored(episode: GateEpisode, subject: TrialSubject, name: string): Promise<CheckedWork> {
  const { candidate, context, directory } = subject;
  const { settings } = context;
  // Beside the programs that it imports, under a name that none of them has.
  const script = `checks_${name}`;
  await episode.put(script, await readFile(path.join(directory, 'checks', name)));
  const run = await episode.run(script, { SEED: '0' }, settings.verification.baseline_timeout_s);
  await episode.bash(`rm -f ~/workspace/${script}`);
  const command = `python checks/${name}`;
  if (run.code !== 0 || run.timed_out) return { score: null, evidence: { ...evidenceOf(run), command } };
  const scoring = await episode.evaluate();
  const evidence = evidenceOfScoring(scoring, proposalOf(candidate).submission.kind);
  return { score: scoring.score, evidence: { ...evidence, command: `${command} && ${evidence.command}` } };
}
