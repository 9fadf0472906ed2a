/** How a broken connection is made again. */
export interface ReconnectOptions {
  /** Upper bound of the wait before the first attempt, milliseconds. */
  baseDelayMs: number;
  /** Upper bound of any wait, milliseconds. */
  maxDelayMs: number;
  /** After this time without an answer the connection is lost for good; unset: as long as the server keeps the session. */
  giveUpMs?: number;
}

/** @returns a wait in milliseconds: exponential with full jitter, so that many clients of one server do not return together */
export function backoffMs(attempt: number, options: ReconnectOptions): number {
  return Math.random() * Math.min(options.maxDelayMs, options.baseDelayMs * 2 ** Math.min(attempt, 30));
}

/** Waits; the signal ends the wait early without an error. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
