import { setTimeout as delay } from 'node:timers/promises';

const TRIES = 4;
const LONGEST_WAIT_MS = 300_000;

/** How long a server asks to be left alone, in milliseconds; null when it does not say. */
export function askedPauseMs(headers: Headers, nowMs: number): number | null {
  const after = headers.get('retry-after')?.trim();
  if (after && /^\d+(?:\.\d+)?$/.test(after)) return Number(after) * 1000;
  const at = after ? Date.parse(after) : Number.NaN;
  if (!Number.isNaN(at)) return Math.max(0, at - nowMs);
  // The Hub's: `"api";r=0;t=42`, the seconds until its window is over.
  const left = /(?:^|;)\s*t=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1];
  return left === undefined ? null : Number(left) * 1000;
}

/** @returns a `fetch` that waits as long as a server that has had enough asks for, and then asks again */
export function patientFetch(fetchFrom: typeof fetch): typeof fetch {
  return async (input, init) => {
    for (let tries = 1; ; tries++) {
      const response = await fetchFrom(input, init);
      if ((response.status !== 429 && response.status !== 503) || tries === TRIES) return response;
      const pauseMs = askedPauseMs(response.headers, Date.now());
      if (pauseMs === null || pauseMs > LONGEST_WAIT_MS) return response;
      await response.body?.cancel();
      await delay(pauseMs, undefined, init?.signal ? { signal: init.signal } : {});
    }
  };
}
