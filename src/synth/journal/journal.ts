/** What was asked of others in a run, and what they answered: a run that is taken up again, or replayed, asks nothing twice. */
export interface Journal {
  /**
   * Gives the answer that was kept under the key for an equal question, else asks and keeps the answer before it is used.
   * @param key path-like and unique within the run: `0007-1-iris/generation/2`, `hub/...`
   * @param question JSON; decides whether a kept answer is that of this question. Secrets in it are not kept.
   * @param ask what throws is not kept
   */
  once<T>(key: string, question: unknown, ask: () => Promise<T>): Promise<{ answer: T; isKept: boolean }>;
}
