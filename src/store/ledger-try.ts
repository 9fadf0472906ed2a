import type { Spent } from '../run/spent.js';
import type { Outcome, TryEnd } from './attempt.js';

/** What is known of a try when it begins. */
export interface TryBeginning {
  /** Address of the server; null: a gym inside the process. */
  server: string | null;
  /** null: the server has not said it yet. */
  episode_id: string | null;
  /** ISO 8601. */
  started_at: string;
}

/** What became of a try. */
export interface TryEnding {
  end: TryEnd;
  /** ISO 8601. */
  ended_at: string;
  /** Of a `result`, and of nothing else. */
  outcome?: Outcome;
  episode_id?: string | null;
  /** What failed, in one word of the protocol or of the endpoint. */
  code?: string | null;
  /** What failed, for a person. */
  message?: string | null;
  /** What is not given is as it was noted before. */
  spent: Partial<Spent>;
  /** Its fault befell many at once: it costs the attempt none of its tries. */
  isSpared?: boolean;
}

/** A try as the ledger has it. */
export interface LedgerTry extends TryBeginning, Spent {
  /** Id of the attempt. */
  attempt: string;
  /** 1 for the first. */
  number: number;
  /** null while it is played. */
  ended_at: string | null;
  end: TryEnd | null;
  code: string | null;
  message: string | null;
}
