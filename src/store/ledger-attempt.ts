import type { Attempt, AttemptState } from './attempt.js';

/** An attempt as the ledger has it. */
export interface LedgerAttempt extends Attempt {
  state: AttemptState;
  /** How often it was begun. */
  tries: number;
  /** Tries since it was last opened by hand that others' faults ended; those that were lost or stopped do not count. */
  faults: number;
}
