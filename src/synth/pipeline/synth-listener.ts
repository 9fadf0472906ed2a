import type { Spent } from '../../run/spent.js';
import type { Candidate, StageName } from '../candidate.js';
import type { Reason } from '../reasons.js';

/** Who watches a synthesis. No method may throw. */
export interface SynthListener {
  /** A candidate began, or was taken up again. */
  onCandidate?(candidate: Candidate): void;
  onStage?(candidate: Candidate, stage: StageName): void;
  onDoing?(id: string, stage: StageName, doing: string): void;
  /** A stage came to its end; the candidate is in its next state, and is saved. */
  onMove?(candidate: Candidate, from: StageName, spent: Spent): void;
  /** A fault of others; the stage is tried again after the wait, or given up where it is null. */
  onFault?(candidate: Candidate, reason: Reason, message: string, waitMs: number | null): void;
  /** A fault of this program: the candidate stays as it was saved, others go on. */
  onBreak?(candidate: Candidate, error: Error): void;
  /** Nothing new is begun: a budget, a person, or a fault that only a person can mend. */
  onEnding?(why: Error): void;
}
