import type { Candidate } from '../candidate.js';
import { rejected } from '../stage.js';
import type { TeacherFault } from '../teacher/teacher.js';

/** @returns the candidate as it ends when the teacher gave no proposal */
export function withoutProposal(candidate: Candidate, { kind, detail }: TeacherFault): Candidate {
  return rejected(candidate, kind === 'refused' ? 'proposal_refused' : 'proposal_malformed', detail);
}
