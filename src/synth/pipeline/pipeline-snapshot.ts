import type { Spent } from '../../run/spent.js';
import type { Candidate, StageName } from '../candidate.js';

/** A candidate that is being worked on. */
export interface CandidateUnderWay {
  id: string;
  stage: StageName;
  /** What it does, in words. */
  doing: string;
  /** `performance.now()` when the stage began. */
  sinceMs: number;
}

/** How a pipeline stands at a moment. */
export interface PipelineSnapshot {
  candidates: Candidate[];
  underWay: CandidateUnderWay[];
  spent: Spent;
  questions: { inside: number; waiting: number; places: number };
  sandboxes: { inside: number; waiting: number; places: number };
  /** Candidates that stand still because this program failed. */
  broken: number;
  hasAllTopics: boolean;
}
