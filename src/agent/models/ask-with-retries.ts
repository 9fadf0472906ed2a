import type { Failure } from './failure.js';
import { type FailedAttempt, ModelError } from './model.js';
import { type RetryClock, type RetryPolicy, retryDelayMs } from './retry-policy.js';

/** What is tried, and what is done between attempts. */
export interface Retrying<T> {
  /** Sends one request. What it throws is given to `classify`, unless the signal is aborted. */
  attempt(): Promise<T>;
  classify(error: unknown): Failure;
  /** Changes the next request to what the endpoint takes. @returns whether it did */
  adapt(failure: Failure): boolean;
  onRetry?: (failed: FailedAttempt) => void;
  policy: RetryPolicy;
  clock: RetryClock;
  /** Milliseconds in which it was not this request's turn: they cost no patience. */
  queuedMs?: () => number;
  signal: AbortSignal | undefined;
}

/**
 * Asks until there is an answer, an error that waiting does not mend, or no patience left.
 * @returns the answer and how many requests it took
 * @throws ModelError; the signal's reason
 */
export async function askWithRetries<T>(retrying: Retrying<T>): Promise<{ answer: T; attempts: number }> {
  const { policy, clock, signal } = retrying;
  const begunMs = clock.now();
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return { answer: await retrying.attempt(), attempts: attempt };
    } catch (error) {
      signal?.throwIfAborted();
      const failure = retrying.classify(error);
      const { code, reason } = failure;
      const isAdapted = retrying.adapt(failure);
      if (!isAdapted && !failure.isRetryable) throw new ModelError(code, reason, attempt);
      const waitMs = isAdapted ? 0 : retryDelayMs(attempt, failure.retryAfterMs, policy, () => clock.random());
      const stop = isAdapted
        ? null
        : patience(attempt, waitMs, clock.now() - begunMs - (retrying.queuedMs?.() ?? 0), policy);
      if (stop !== null) throw new ModelError(code, `${reason} (${stop})`, attempt);
      retrying.onRetry?.({ code, reason, attempt, waitMs });
      if (waitMs > 0) await clock.sleep(waitMs, signal);
    }
  }
}

/** @returns why there is no further attempt; null when there is one */
function patience(attempt: number, waitMs: number, elapsedMs: number, policy: RetryPolicy): string | null {
  if (attempt >= policy.maxAttempts) return `given up after ${attempt} requests`;
  if (elapsedMs + waitMs <= policy.maxTotalMs) return null;
  const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
  return `given up after ${seconds(elapsedMs)}: the next request would be ${seconds(waitMs)} later, and ${seconds(policy.maxTotalMs)} is the limit`;
}
