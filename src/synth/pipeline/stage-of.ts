import { type Candidate, STAGES, type StageName } from '../candidate.js';

/** @returns the stage that a candidate is to pass next; null when it has ended */
export function stageOf({ state }: Pick<Candidate, 'state'>): StageName | null {
  return (STAGES as readonly string[]).includes(state) ? (state as StageName) : null;
}

/** @returns the place in the order of stages that a candidate is at, or ended at */
export function placeOf(candidate: Pick<Candidate, 'id' | 'state' | 'ended_in'>): number {
  const stage = stageOf(candidate) ?? candidate.ended_in;
  if (!stage) throw new Error(`The candidate ${candidate.id} ended, and its record does not say where`);
  return STAGES.indexOf(stage);
}
