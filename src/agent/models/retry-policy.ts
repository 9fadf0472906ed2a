import { setTimeout as sleep } from 'node:timers/promises';

/** How long an endpoint that fails is asked again. */
export interface RetryPolicy {
  /** Most requests for one answer, the first included. */
  maxAttempts: number;
  /** No attempt begins later than this after the first, milliseconds. */
  maxTotalMs: number;
  /** Upper bound of the wait before the second attempt, milliseconds; it doubles with every one. */
  baseDelayMs: number;
  /** Upper bound of any wait that the endpoint did not ask for, milliseconds. */
  maxDelayMs: number;
}

/** Patience for an endpoint that is restarted or crowded: some five minutes. */
export const DEFAULT_RETRY: RetryPolicy = {
  maxAttempts: 12,
  maxTotalMs: 20 * 60_000,
  baseDelayMs: 1000,
  maxDelayMs: 60_000,
};

/** Time and chance; tests bring their own. */
export interface RetryClock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** @throws the signal's reason */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
  /** From 0 up to, not including, 1. */
  random(): number;
}

export const SYSTEM_CLOCK: RetryClock = {
  now: () => performance.now(),
  async sleep(ms, signal) {
    try {
      await sleep(ms, undefined, { signal });
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  },
  random: Math.random,
};

/**
 * @param attempt number of the attempt that failed, from 1
 * @param askedMs what the endpoint asked to wait; null when it did not say
 * @returns milliseconds: exponential with full jitter; what was asked for, and a jitter on top, so that those whom one limit stopped do not
 *   come back together
 */
export function retryDelayMs(
  attempt: number,
  askedMs: number | null,
  policy: RetryPolicy,
  random: () => number,
): number {
  if (askedMs !== null) return askedMs + random() * policy.baseDelayMs;
  return random() * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** Math.min(attempt - 1, 30));
}
