import type { Candidate, EndName, StageName } from '../candidate.js';
import type { Reason } from '../reasons.js';

/** What came of a candidate: nothing in it depends on time, order or price. */
export interface CandidateResult {
  id: string;
  state: StageName | EndName;
  ended_in: StageName | null;
  reason: Reason | null;
  env_id: string | null;
  teacher: number;
  slug: string | null;
  dataset: string | null;
  revision: string | null;
  attempts: { how: string; verdict: string | null; fault: Reason | null; gates: Record<string, string> }[];
  episodes: { score: number | null; steps: number }[];
}

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
