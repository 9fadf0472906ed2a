import type { Evidence, GateVerdict } from '../gates/gate.js';
import type { Reason } from '../reasons.js';

/** What is wrong with a task, found while it is tried out: a gate fails with it. */
export class TaskFault extends Error {
  override readonly name = 'TaskFault';

  constructor(
    readonly fault: Reason,
    /** One sentence for people. */
    readonly detail: string,
    readonly evidence: Evidence | null = null,
    readonly measured: GateVerdict['measured'] = {},
  ) {
    super(`${fault}: ${detail}`);
  }
}
