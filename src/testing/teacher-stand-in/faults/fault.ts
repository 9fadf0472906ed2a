import type { ChatTurn } from '../../chat-endpoint/chat-turn.js';

/** The programs of an answer by path. */
export type Programs = ReadonlyMap<string, string>;

/** What a transformation may look at. */
export interface Recorded {
  metric: string;
  /** Files that are handed in. */
  submission: readonly string[];
}

/** A way in which real teachers fail, as a small change of a sound reply. */
export interface Fault {
  /** What such a teacher does. */
  text: string;
  /** Changes the value of a proposal or of a design. */
  value?: (value: Record<string, unknown>) => Record<string, unknown>;
  /** Changes the programs of a generation or a repair. */
  programs?: (programs: Programs, recorded: Recorded) => Programs;
  /** Changes how an answer is said. @param isSecondTry whether the client has asked again because the first answer could not be read */
  saying?: (answer: string, isSecondTry: boolean) => ChatTurn;
  /** Changes what it does as a player. */
  actions?: (actions: readonly string[], recorded: Recorded) => string[];
}

/**
 * @returns the programs with one of them changed
 * @throws Error when there is no such program, or the change finds nothing to change
 */
export function changed(programs: Programs, path: string, change: (text: string) => string): Programs {
  const before = programs.get(path);
  if (before === undefined) throw new Error(`there is no ${path} to be changed`);
  const after = change(before);
  if (after === before) throw new Error(`${path} has nothing that the fault could change`);
  return new Map(programs).set(path, after);
}
