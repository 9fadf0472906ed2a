import type { Candidate, Proposal } from '../candidate.js';

/** @throws Error for a candidate without one, which stages behind the proposal never see */
export function proposalOf({ id, proposal }: Candidate): Proposal {
  if (!proposal) throw new Error(`${id} has no proposal`);
  return proposal;
}
