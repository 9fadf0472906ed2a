/** Which text a question was made of. */
export interface PromptStamp {
  name: string;
  version: number;
  /** Of the file, hexadecimal. */
  sha256: string;
}

/** What is kept with an answer for people and reports; it has no part in whether a question is the same. */
export interface JournalNotes {
  prompt?: PromptStamp;
  model?: string;
  usage?: { input_tokens: number; cached_input_tokens: number; output_tokens: number; is_estimated: boolean };
  /** Dollars; null when no price is known. */
  cost_usd?: number | null;
}

/** What was asked of others in a run, and what they answered: a run that is taken up again, or replayed, asks nothing twice. */
export interface Journal {
  /**
   * Gives the answer that was kept under the key for an equal question, else asks and keeps the answer before it is used. Answers are
   * JSON, and come back as they were kept: without secrets, on the first time as on later ones.
   * @param key path-like and unique within the run: `0007-1-iris/generation/2`, `hub/...`
   * @param question JSON; decides whether a kept answer is that of this question. Secrets in it are not kept. One with a number `turn`
   *   belongs to an episode, whose observations hold times and dates: a replay gives the answer of that turn all the same.
   * @param ask what throws is not kept
   * @param notes what is told beside the answer
   */
  once<T>(
    key: string,
    question: unknown,
    ask: () => Promise<T>,
    notes?: (answer: T) => JournalNotes,
  ): Promise<{ answer: T; isKept: boolean }>;
}
