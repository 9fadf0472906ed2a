import { z } from 'zod';
import { type Candidate, ENDS, STAGES } from '../candidate.js';
import type { Reason } from '../reasons.js';

const reason = z.custom<Reason>((value) => typeof value === 'string').nullable();
const count = z.int().min(0);

/** What came of a candidate: nothing in it depends on time, order or price. */
export const CandidateResult = z.strictObject({
  id: z.string(),
  state: z.enum([...STAGES, ...ENDS]),
  ended_in: z.enum(STAGES).nullable(),
  reason,
  env_id: z.string().nullable(),
  /** Position in the settings. */
  teacher: count,
  slug: z.string().nullable(),
  dataset: z.string().nullable(),
  revision: z.string().nullable(),
  attempts: z.array(
    z.strictObject({
      how: z.string(),
      verdict: z.string().nullable(),
      fault: reason,
      /** By gate: `pass`, `skip`, or the fault. */
      gates: z.record(z.string(), z.string()),
    }),
  ),
  episodes: z.array(z.strictObject({ score: z.number().nullable(), steps: count })),
});
export type CandidateResult = z.output<typeof CandidateResult>;

/** @returns what is the same for two runs of the same settings and answers, however often they were killed; by id */
export function runResult(candidates: readonly Candidate[]): CandidateResult[] {
  return [...candidates]
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .map((candidate) => ({
      id: candidate.id,
      state: candidate.state,
      ended_in: candidate.ended_in ?? null,
      reason: candidate.reason,
      env_id: candidate.env_id,
      teacher: candidate.teacher,
      slug: candidate.proposal?.slug ?? null,
      dataset: candidate.grounding?.dataset?.repo ?? null,
      revision: candidate.grounding?.dataset?.revision ?? null,
      attempts: candidate.attempts.map(({ how, verdict, fault, gates }) => {
        const verdicts = gates.map(({ gate, verdict, fault }): [string, string] => [gate, fault ?? verdict]);
        return { how, verdict, fault, gates: Object.fromEntries(verdicts) };
      }),
      episodes: candidate.episodes.map(({ score, steps }) => ({ score, steps })),
    }));
}
