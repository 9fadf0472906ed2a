import type { Gate, GateName, GateSubject, GateVerdict } from '../gates/gate.js';
import type { Bench } from './bench.js';

/** What gates judge that try the task out. */
export interface TrialSubject extends GateSubject {
  bench: Bench;
  /** What earlier gates measured, by gate; empty where one was not asked. */
  measured(gate: GateName): GateVerdict['measured'];
}

/** A gate that may play episodes; it may also fail by throwing TaskFault. */
export type TrialGate = Gate<TrialSubject>;

/** @returns a number that an earlier gate measured; null when it did not */
export function numberOf(subject: TrialSubject, gate: GateName, name: string): number | null {
  const value = subject.measured(gate)[name];
  return typeof value === 'number' ? value : null;
}
