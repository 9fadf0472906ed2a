import { createHash } from 'node:crypto';
import type { Candidate } from '../candidate.js';
import { numbersOf } from '../candidate-id.js';
import { readAttempt } from '../generation/attempt-files.js';

/** Characters of a fingerprint that tell two tasks of one name apart. */
const SHORT = 8;

/**
 * @returns what names the task of a candidate in a pack, first choice first: the words of the proposal with the candidate's number, so
 *   that it does not matter which of two candidates with the same words is published first; then with the fingerprint, where another
 *   run has taken that name
 */
export function taskNames(candidate: Candidate, fingerprint: string): string[] {
  const { topic, task } = numbersOf(candidate.id) ?? { topic: candidate.id, task: 1 };
  const name = `${candidate.proposal?.slug ?? 'task'}-${topic}${task === 1 ? '' : `-${task}`}`;
  return [name, `${name}-${fingerprint.slice(0, SHORT)}`];
}

/** @returns a hash of what the task of a candidate is made of: the proposal, the data, and the programs of an attempt */
export async function fingerprintOf(candidate: Candidate, attempt: number, directory: string): Promise<string> {
  const { id, seed, proposal, grounding } = candidate;
  const dataset = grounding?.dataset;
  const data = [dataset?.repo, dataset?.data_revision, grounding?.plan, grounding?.files.map(({ path }) => path)];
  const made = { id, seed, proposal, data, files: await readAttempt(directory, attempt) };
  return createHash('sha256').update(JSON.stringify(made)).digest('hex');
}
