import type { EnvClient } from '../client/index.js';
import type { PackTask } from '../env/packs/pack-task.js';
import type { Candidate, StageName } from './candidate.js';
import type { ContaminationSources } from './gates/contamination/contamination-sources.js';
import type { Hub } from './grounding/hub/hub.js';
import type { Reason } from './reasons.js';
import type { SynthSettings } from './settings.js';
import type { Teacher } from './teacher/teacher.js';

/** What a stage works with: everything of one candidate, and what all share. */
export interface StageContext {
  settings: SynthSettings;
  /** The teacher of this candidate; its questions are kept, paid for, and answered from the journal where they were asked before. */
  teacher: Teacher;
  /** Who is asked by the gate of review; unset: the teacher. */
  reviewer?: Teacher;
  hub: Hub;
  /** Directory of the candidate: `attempts/<n>/`, `episodes/`. It exists. */
  directory: string;
  /** Where data lies that runs share: datasets by revision. */
  cacheDirectory: string;
  /** Tasks that are tried out; see `Drafts`. */
  drafts: Drafts;
  /** Runs work that holds a sandbox when there is room for one. Every episode is inside one of these. */
  inSandbox<T>(work: () => Promise<T>): Promise<T>;
  /** Saves a candidate in the middle of a stage, so that a later process does not begin the stage anew. */
  save(candidate: Candidate): Promise<void>;
  /** Says what happens, in a few words, for those who watch. */
  tell(doing: string): void;
  /** What the gate of contamination compares with; nothing: it judges by the dataset alone. */
  contamination?: ContaminationSources;
  signal: AbortSignal;
}

/** Where tasks that are tried out are served. */
export interface Drafts {
  /** Pack that the drafts are written into. */
  root: string;
  /** A client of the environment that serves them. */
  client: EnvClient;
  /** Makes written drafts known, and forgets removed ones. */
  reload(): Promise<void>;
  /**
   * Gets what a draft needs from outside its pack: a dataset of the Hub that nobody looked at before.
   * @throws SupplyFault; the signal's reason
   */
  prepare(task: PackTask, how: { maxBytes: number; tell: (doing: string) => void; signal: AbortSignal }): Promise<void>;
}

/**
 * A step from a saved candidate to the next state. Pure in its outcome: the same candidate and the same answers give the same result.
 * @returns the candidate in its next state; a copy, never the same object changed
 * @throws StageFault for what is nobody's fault and may pass; the signal's reason
 */
export interface Stage {
  readonly name: StageName;
  run(candidate: Candidate, context: StageContext): Promise<Candidate>;
}

/** A fault that says nothing about the candidate: it is tried again later. */
export class StageFault extends Error {
  override readonly name = 'StageFault';

  constructor(
    readonly reason: Extract<Reason, 'teacher_unavailable' | 'hub_unavailable' | 'sandbox_unavailable'>,
    message: string,
    /** True when no candidate can go on until a person acts: a wrong key, an account without money. */
    readonly isFatal = false,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** @returns the candidate as one that ended without being published */
export function rejected(candidate: Candidate, reason: Reason, detail: string): Candidate {
  return { ...candidate, state: 'rejected', reason, detail };
}
