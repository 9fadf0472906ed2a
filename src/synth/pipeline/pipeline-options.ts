import type { RunBudget } from '../../run/run-budget.js';
import type { Candidate } from '../candidate.js';
import type { CandidateStore } from '../run/candidate-store.js';
import type { StageCosts } from '../run/stage-costs.js';
import type { SynthSettings } from '../settings.js';
import type { Stage, StageContext } from '../stage.js';
import type { CallMeter } from '../teacher/teacher.js';
import type { NumberedTopic, TopicsFile } from '../topics/topics-file.js';
import type { SynthListener } from './synth-listener.js';

/** What the pipeline gives to a stage of a candidate. */
export interface StagePowers extends Pick<StageContext, 'inSandbox' | 'save' | 'tell' | 'signal'> {
  meter: CallMeter;
}

/** Accepted topics in the order of their numbers; the same ones again whenever it is iterated. */
export interface TopicStream extends AsyncIterable<NumberedTopic> {
  /** What was known, and spent, before this process. */
  readonly known: Pick<TopicsFile, 'spent'>;
}

/** How often, and after which waits, a stage is tried again when others fail. */
export interface RetryPolicy {
  times: number;
  /** Doubles each time. */
  firstMs: number;
  mostMs: number;
}

/** What a pipeline works with. */
export interface PipelineOptions {
  settings: SynthSettings;
  store: CandidateStore;
  stages: readonly Stage[];
  /**
   * Opens the topics.
   * @returns null: candidates that there are come to their end, none is added
   */
  topics(powers: { meter: CallMeter; signal: AbortSignal }): Promise<TopicStream | null>;
  contextOf(candidate: Candidate, powers: StagePowers): Promise<StageContext> | StageContext;
  budget: RunBudget;
  costs: StageCosts;
  /** Sandboxes at once. */
  sandboxes: number;
  listener?: SynthListener;
  retry?: RetryPolicy;
}
