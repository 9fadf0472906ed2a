import type { StageName } from '../candidate.js';
import { REASONS } from '../reasons.js';
import { StageFault } from '../stage.js';

/** Candidates in a row that are given up for one fault of others before the run is. */
const MOST_IN_A_ROW = 8;

/** Stages that come to their end only when the others in question do their part. */
const PROVED_BY: Record<StageFault['reason'], readonly StageName[]> = {
  teacher_unavailable: ['proposal', 'generation'],
  hub_unavailable: ['grounding'],
  sandbox_unavailable: ['verification'],
};

/** Tells an outage, which would cost every candidate of a run its place, from faults that befall single ones. */
export class FaultStreak {
  #reason: StageFault['reason'] | null = null;
  #length = 0;

  /** A stage came to its end. */
  ended(stage: StageName): void {
    if (this.#reason !== null && PROVED_BY[this.#reason].includes(stage)) this.#length = 0;
  }

  /** @returns the fault that ends the run, when there were too many */
  givenUp(reason: StageFault['reason'], message: string): StageFault | null {
    this.#length = reason === this.#reason ? this.#length + 1 : 1;
    this.#reason = reason;
    if (this.#length < MOST_IN_A_ROW) return null;
    const what = `${MOST_IN_A_ROW} candidates in a row were given up because ${REASONS[reason].text}: ${message}`;
    return new StageFault(reason, what, true);
  }
}
