import { z } from 'zod';
import type { PackTask } from '../../env/packs/pack-task.js';
import type { TaskDraft } from '../../env/packs/task-draft.js';
import type { Attempt, Candidate } from '../candidate.js';
import type { Reason } from '../reasons.js';
import type { StageContext } from '../stage.js';

/** The quality gates in the order of reports; `verification/gate-order.ts` has the order in which they judge. */
export const GATES = [
  'structure',
  'contamination',
  'leakage',
  'cost',
  'triple',
  'determinism',
  'sensitivity',
  'headroom',
  'difficulty',
  'review',
] as const;
export type GateName = (typeof GATES)[number];

/** Gates that judge unless the settings say otherwise. */
export const GATES_BY_DEFAULT: Readonly<Record<GateName, boolean>> = {
  structure: true,
  contamination: true,
  leakage: true,
  cost: true,
  triple: true,
  determinism: true,
  sensitivity: true,
  headroom: true,
  difficulty: true,
  review: false,
};

/** Names in the literature of the field (G0 to G9), for reports. */
export const GATE_TITLES: Readonly<Record<GateName, string>> = {
  structure: 'G0 structure: files, metric, one JSON line',
  contamination: 'G7 contamination: near-duplicates, benchmark overlap',
  leakage: 'G5 leakage: labels out of reach',
  cost: 'G8 cost: time and memory of the baseline',
  triple: 'G1 triple: oracle wins, nothing errs, cheats gain nothing',
  determinism: 'G2 determinism: equal work scores equally',
  sensitivity: 'G3 sensitivity: worse work scores worse',
  headroom: 'G4 headroom: beatable and not saturated',
  difficulty: 'G6 difficulty: share of episodes that beat the baseline (a label)',
  review: 'G9 review: a model reads the task',
};

/** What shows a failure: goes into reports, and into the prompt of a repair. */
export const Evidence = z.strictObject({
  /** Command that was run, as one would type it; null where nothing ran. */
  command: z.string().nullable(),
  /** `0`, `1`, `signal 9`, `timed out after 600 s`... */
  exit_status: z.string().nullable(),
  /** End of what was printed, standard error included. */
  log_tail: z.string(),
});
export type Evidence = z.output<typeof Evidence>;

/** What a gate found. */
export const GateVerdict = z.strictObject({
  gate: z.enum(GATES),
  verdict: z.enum(['pass', 'fail', 'skip']),
  /** Which fault, as `reasons.ts` lists them; null unless it failed. */
  fault: z.string().nullable(),
  /** One sentence for people. */
  detail: z.string(),
  evidence: Evidence.nullable().default(null),
  /** Numbers that it rests on. */
  measured: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.array(z.number()), z.null()]))
    .default({}),
  /** Wall-clock, without the waits for a sandbox. */
  duration_ms: z.number(),
});
export type GateVerdict = z.output<typeof GateVerdict>;

/** What a gate says; its name and the time it took are added by whoever asked it. */
export type GateFinding =
  | { verdict: 'pass' | 'skip'; detail: string; measured?: GateVerdict['measured'] }
  | { verdict: 'fail'; fault: Reason; detail: string; evidence?: Evidence; measured?: GateVerdict['measured'] };

/** What is judged: an attempt that was written as a task. */
export interface GateSubject {
  candidate: Candidate;
  attempt: Attempt;
  /** `attempts/<n>`, with `visible/`, `hidden/` and `checks/`. */
  directory: string;
  /** The task as it would be published. */
  draft: TaskDraft;
  /** The same as it was loaded from the pack of drafts. */
  task: PackTask;
  context: StageContext;
}

/** One of the gates; the verdict rests on the subject alone, so that a run that is taken up again judges alike. */
export interface Gate<S extends GateSubject = GateSubject> {
  readonly name: GateName;
  /** @throws StageFault, BudgetReached and the signal's reason */
  judge(subject: S): Promise<GateFinding>;
}
