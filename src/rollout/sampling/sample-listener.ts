import type { Attempt, Outcome, TryEnd } from '../../store/attempt.js';

/** Hears what happens in a run of sampling, in this process. */
export interface SampleListener {
  /** An attempt is done. */
  onEpisode?(attempt: Attempt, outcome: Outcome): void;
  /** Others' fault ended a try. @param waitMs until it may be played again; null: it is given up */
  onFault?(attempt: Attempt, end: Exclude<TryEnd, 'result'>, message: string, waitMs: number | null): void;
  /** A trajectory of an earlier process was taken in; it is not played again. */
  onAdopted?(attempt: Attempt): void;
  /** What is to be told of a server or an endpoint, such as that it is out of reach. */
  onNotice?(text: string): void;
  /** Nothing new is begun. */
  onEnding?(why: Error): void;
}
