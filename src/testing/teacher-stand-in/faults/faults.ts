import { ANSWER_FAULTS } from './answer-faults.js';
import { BASELINE_FAULTS } from './baseline-faults.js';
import { EVALUATOR_FAULTS } from './evaluator-faults.js';
import type { Fault } from './fault.js';
import { PLAYER_FAULTS } from './player-faults.js';
import { PROPOSAL_FAULTS } from './proposal-faults.js';

/** Every fault that recordings can be given, by name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  ...ANSWER_FAULTS,
  ...PROPOSAL_FAULTS,
  ...BASELINE_FAULTS,
  ...EVALUATOR_FAULTS,
  ...PLAYER_FAULTS,
};
