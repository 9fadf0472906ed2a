import type { Ledger } from '../../../store/ledger.js';
import { type ExitCount, exitCounts } from './exit-counts.js';
import { type FaultCount, faultCounts } from './fault-counts.js';
import { type TaskSums, taskSums } from './task-sums.js';
import { type TrySums, trySums } from './try-sums.js';

/** Everything that a run of sampling is asked about, by task and model. */
export interface SampleIndex {
  tasks: TaskSums[];
  exits: ExitCount[];
  faults: FaultCount[];
  tries: TrySums[];
  /** Of all processes that worked on the run. */
  wallSeconds: number;
}

/** @returns how a run stands, all of it at one moment, whoever plays meanwhile */
export function readIndex(ledger: Ledger): SampleIndex {
  return ledger.database.snapshot(() => ({
    tasks: taskSums(ledger),
    exits: exitCounts(ledger),
    faults: faultCounts(ledger),
    tries: trySums(ledger),
    wallSeconds: ledger.wallSeconds(),
  }));
}
