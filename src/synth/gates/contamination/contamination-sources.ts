import type { Proposal } from '../../candidate.js';
import type { BenchmarkPrint } from './benchmark-print.js';

/** A task that another one may repeat. */
export interface EarlierTask {
  /** Id of the candidate, or env id of the task in the pack. */
  id: string;
  name: string;
  description: string;
}

/** What tasks may not repeat. The pipeline opens one for all candidates of a run, by `openContamination`. */
export interface ContaminationSources {
  /** MLGym's tasks, and the packs and checkouts that the settings name. */
  readonly benchmarks: readonly BenchmarkPrint[];
  /** Tasks that the pack held when the run began: not those of this run. */
  readonly published: readonly EarlierTask[];
  /**
   * Proposals of the candidates before this one, in the order of their ids; waits until each of them has a proposal or ended without
   * one. What became of them later does not matter, so that the verdict does not depend on which candidate is ahead of which; nobody
   * waits for a later candidate, so that they cannot wait for each other.
   */
  earlier(id: string, signal: AbortSignal): Promise<readonly EarlierProposal[]>;
}

export interface EarlierProposal {
  id: string;
  proposal: Proposal;
}
