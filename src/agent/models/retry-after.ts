import { plainNumber } from './plain-number.js';
import { readWaitMs } from './read-wait.js';

/** What endpoints call the two limits that they count. */
const LIMITS = ['requests', 'tokens'];

/**
 * What an endpoint asks to wait: `retry-after-ms`, `retry-after` (seconds or a date), and when it limits rates the time at which the limit
 * is reset (`x-ratelimit-reset-requests`, `x-ratelimit-reset-tokens`, `x-ratelimit-reset`).
 * @param nowMs Unix time
 * @returns milliseconds, at least 0; null when it says nothing that can be read
 */
export function retryAfterMs(headers: Headers, isRateLimit: boolean, nowMs: number): number | null {
  const exact = plainNumber(headers.get('retry-after-ms'));
  if (exact !== null) return Math.max(0, exact);
  const asked = headers.get('retry-after');
  if (asked !== null) {
    const seconds = plainNumber(asked);
    if (seconds !== null) return Math.max(0, seconds * 1000);
    const date = Date.parse(asked);
    if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  }
  return isRateLimit ? resetMs(headers, nowMs) : null;
}

function resetMs(headers: Headers, nowMs: number): number | null {
  const limits = LIMITS.flatMap((limit) => {
    const wait = readWaitMs(headers.get(`x-ratelimit-reset-${limit}`), nowMs);
    return wait === null ? [] : [{ wait, isSpent: headers.get(`x-ratelimit-remaining-${limit}`) === '0' }];
  });
  const spent = limits.filter(({ isSpent }) => isSpent);
  const waits = (spent.length > 0 ? spent : limits).map(({ wait }) => wait);
  return waits.length > 0 ? Math.max(...waits) : readWaitMs(headers.get('x-ratelimit-reset'), nowMs);
}
