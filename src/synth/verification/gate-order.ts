import { contaminationGate } from '../gates/contamination/contamination-gate.js';
import { costGate } from '../gates/cost.js';
import { determinismGate } from '../gates/determinism.js';
import { difficultyGate } from '../gates/difficulty.js';
import { headroomGate, saturationGate } from '../gates/headroom.js';
import { leakageGate } from '../gates/leakage/leakage.js';
import { leakageFilesGate } from '../gates/leakage/leakage-files.js';
import { reviewGate } from '../gates/review.js';
import { sensitivityGate } from '../gates/sensitivity.js';
import { structureFilesGate, structureGate } from '../gates/structure.js';
import { tripleGate } from '../gates/triple/triple.js';
import type { TrialGate } from './trial-subject.js';

/**
 * What judges before the teacher plays, the cheapest first; what a name stands twice for is one gate in two parts. A review costs a
 * question, an episode dozens.
 */
export const GATES_BEFORE_PLAY: readonly TrialGate[] = [
  structureFilesGate,
  contaminationGate,
  leakageFilesGate,
  structureGate,
  leakageGate,
  costGate,
  tripleGate,
  determinismGate,
  sensitivityGate,
  saturationGate,
  reviewGate,
];

/** What judges by the episodes of the teacher. */
export const GATES_AFTER_PLAY: readonly TrialGate[] = [headroomGate, difficultyGate];
