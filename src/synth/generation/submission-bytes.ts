import type { Proposal } from '../candidate.js';

/** Most bytes that are handed in, by kind: a table, code, weights. */
export const SUBMISSION_BYTES: Readonly<Record<Proposal['submission']['kind'], number>> = {
  predictions: 64 * 2 ** 20,
  program: 4 * 2 ** 20,
  artifact: 256 * 2 ** 20,
};
