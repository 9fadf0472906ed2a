import { type Candidate, STAGES, type StageName } from '../candidate.js';
import type { Reason } from '../reasons.js';
import { placeOf, stageOf } from './stage-of.js';

/** A stage in the funnel. `entered` is `passed` + `rejected` + `frontier` + `here`, and the next stage's `entered` is `passed`. */
interface FunnelRow {
  stage: StageName;
  /** Candidates that came so far. */
  entered: number;
  /** Went on to the next stage; of publishing: published. */
  passed: number;
  rejected: number;
  frontier: number;
  /** Not ended yet. */
  here: number;
  /** Why candidates ended here, most frequent first. */
  reasons: { reason: Reason; count: number }[];
}

/** What became of all candidates. */
export interface Funnel {
  candidates: number;
  published: number;
  frontier: number;
  rejected: number;
  /** Not ended yet. */
  open: number;
  rows: FunnelRow[];
  /** Over all stages, most frequent first. */
  reasons: { reason: Reason; count: number }[];
}

/**
 * @returns counts by stage, end and reason
 * @throws Error when they do not add up: a candidate that ended without a reason, or in no stage
 */
export function funnelOf(candidates: readonly Candidate[]): Funnel {
  const rows = STAGES.map((stage, at) => row(stage, at, candidates));
  const counted = (state: Candidate['state']) => candidates.filter((candidate) => candidate.state === state).length;
  const funnel: Funnel = {
    candidates: candidates.length,
    published: counted('published'),
    frontier: counted('frontier'),
    rejected: counted('rejected'),
    open: candidates.filter((candidate) => stageOf(candidate) !== null).length,
    rows,
    reasons: byReason(candidates.filter(({ state }) => state === 'rejected' || state === 'frontier')),
  };
  refuseWrongSums(funnel);
  return funnel;
}

function row(stage: StageName, at: number, candidates: readonly Candidate[]): FunnelRow {
  const here = candidates.filter((candidate) => placeOf(candidate) === at);
  const ended = here.filter(({ state }) => state === 'rejected' || state === 'frontier');
  const later = candidates.filter((candidate) => placeOf(candidate) > at).length;
  return {
    stage,
    entered: here.length + later,
    passed: later + here.filter(({ state }) => state === 'published').length,
    rejected: ended.filter(({ state }) => state === 'rejected').length,
    frontier: ended.filter(({ state }) => state === 'frontier').length,
    here: here.filter((candidate) => stageOf(candidate) !== null).length,
    reasons: byReason(ended),
  };
}

function byReason(ended: readonly Candidate[]): { reason: Reason; count: number }[] {
  const counts = new Map<Reason, number>();
  for (const { id, state, reason } of ended) {
    if (reason === null) throw new Error(`The candidate ${id} is ${state} without a reason`);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return [...counts]
    .map(([reason, count]) => ({ reason, count }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

function refuseWrongSums(funnel: Funnel): void {
  const { candidates, published, frontier, rejected, open, rows, reasons } = funnel;
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  const sums: [string, number, number][] = [
    ['candidates and their states', candidates, published + frontier + rejected + open],
    ['ends and their reasons', frontier + rejected, sum(reasons.map(({ count }) => count))],
    ['open candidates and stages', open, sum(rows.map(({ here }) => here))],
    ...rows.map((row, at): [string, number, number] => {
      const before = at === 0 ? candidates : rows[at - 1]!.passed;
      return [`${row.stage} and what came to it`, before, row.entered];
    }),
    ...rows.map((row): [string, number, number] => {
      return [`${row.stage} and what left it`, row.entered, row.passed + row.rejected + row.frontier + row.here];
    }),
    ...rows.map((row): [string, number, number] => {
      return [`${row.stage} and its reasons`, row.rejected + row.frontier, sum(row.reasons.map(({ count }) => count))];
    }),
  ];
  for (const [what, left, right] of sums) {
    if (left !== right) throw new Error(`The funnel does not add up: ${what}: ${left} and ${right}`);
  }
}
