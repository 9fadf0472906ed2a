import type { z } from 'zod';
import type { Model } from '../../agent/models/model.js';

/** What a prompt is filled in with: texts, numbers, lists and records that a template can walk through. */
export type PromptVariables = Readonly<Record<string, unknown>>;

/** A question to the teacher. */
export interface TeacherQuestion {
  /** Unique within the candidate, and the same whenever the stage is run again: `proposal`, `generation/2`... */
  key: string;
  /** Name of the prompt file without `.md`. */
  prompt: string;
  variables: PromptVariables;
  /** Distinguishes questions with equal words whose answers should differ, such as restarts. Sent as the seed. */
  seed?: number;
}

/** A file out of an answer. */
export interface AnswerFile {
  /** With `/`, below the place that the prompt says. */
  path: string;
  text: string;
}

/** What came of a question, when it is not what was asked for. */
export type TeacherFault = { kind: 'refused' | 'malformed'; detail: string };

/**
 * The model that writes tasks. Every question and every answer is kept in the run's journal under its key, with the prompt's version;
 * a question that was answered before is answered from there, so that a run that was killed asks nothing twice.
 * All methods throw StageFault when the endpoint fails, BudgetReached when the run may spend no more, and the signal's reason.
 */
export interface Teacher {
  readonly name: string;
  /**
   * Asks for a JSON value: by a JSON schema where the endpoint takes one, else out of the text; when it does not fit, once more with
   * what is wrong with it.
   */
  askJson<S extends z.ZodType>(
    question: TeacherQuestion,
    schema: S,
  ): Promise<{ value: z.output<S> } | { fault: TeacherFault }>;
  /** Asks for files, each a fenced block behind a line `FILE: path`; when there are none that can be read, once more. */
  askFiles(question: TeacherQuestion): Promise<{ files: AnswerFile[]; notes: string } | { fault: TeacherFault }>;
  /** The teacher as a player of one episode: each of its questions is kept below the key. */
  player(key: string): Player;
}

/**
 * A model whose questions are kept and paid for. What an agent's loop is told of a failure ends up in a turn of the episode: whoever
 * has it played looks at `fault` afterwards and throws it.
 */
export interface Player extends Model {
  /** What ended it that is not the model's doing: StageFault, BudgetReached, the signal's reason; null while nothing did. */
  readonly fault: unknown;
}

/** What an answer cost. */
export interface CallCost {
  /** Null: no price is known. */
  usd: number | null;
  input_tokens: number;
  output_tokens: number;
}

/** What questions cost, and whether another may be asked. One for each candidate, over those of the run. */
export interface CallMeter {
  /**
   * Runs a question when there is room for one more at once.
   * @throws BudgetReached when the run may spend no more
   */
  ask<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
  /** Counts an answer, asked now or kept. */
  charge(cost: CallCost): void;
}
