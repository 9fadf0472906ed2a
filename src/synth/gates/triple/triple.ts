import { proposalOf } from '../../proposal/proposal-of.js';
import type { TrialGate } from '../../verification/trial-subject.js';
import { judgePrograms } from './triple-of-programs.js';
import { judgeTables } from './triple-of-tables.js';

/** G1: the best work that is known reaches the bound or beats the baseline, no work has no score, and no cheat gains anything. */
export const tripleGate: TrialGate = {
  name: 'triple',
  judge: (subject) =>
    proposalOf(subject.candidate).submission.kind === 'predictions' ? judgeTables(subject) : judgePrograms(subject),
};
