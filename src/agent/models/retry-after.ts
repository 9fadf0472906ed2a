/** What endpoints call the two limits that they count. */
const LIMITS = ['requests', 'tokens'];

/**
 * What an endpoint asks to wait: `retry-after-ms`, `retry-after` (seconds or a date), and when it limits rates the time at which the limit
 * is reset (`x-ratelimit-reset-requests`, `x-ratelimit-reset-tokens`, `x-ratelimit-reset`).
 * @param nowMs Unix time
 * @returns milliseconds, at least 0; null when it says nothing that can be read
 */
export function retryAfterMs(headers: Headers, isRateLimit: boolean, nowMs: number): number | null {
  const exact = number(headers.get('retry-after-ms'));
  if (exact !== null) return Math.max(0, exact);
  const asked = headers.get('retry-after');
  if (asked !== null) {
    const seconds = number(asked);
    if (seconds !== null) return Math.max(0, seconds * 1000);
    const date = Date.parse(asked);
    if (!Number.isNaN(date)) return Math.max(0, date - nowMs);
  }
  return isRateLimit ? resetMs(headers, nowMs) : null;
}

function resetMs(headers: Headers, nowMs: number): number | null {
  const limits = LIMITS.flatMap((limit) => {
    const wait = waitOf(headers.get(`x-ratelimit-reset-${limit}`), nowMs);
    return wait === null ? [] : [{ wait, isSpent: headers.get(`x-ratelimit-remaining-${limit}`) === '0' }];
  });
  const spent = limits.filter(({ isSpent }) => isSpent);
  const waits = (spent.length > 0 ? spent : limits).map(({ wait }) => wait);
  return waits.length > 0 ? Math.max(...waits) : waitOf(headers.get('x-ratelimit-reset'), nowMs);
}

/** Reads `6m0s`, `120ms`, seconds, Unix times in seconds or milliseconds, and dates. */
function waitOf(text: string | null, nowMs: number): number | null {
  if (text === null || text.trim() === '') return null;
  const value = number(text);
  if (value !== null) {
    if (value > 1e11) return Math.max(0, value - nowMs);
    return Math.max(0, value > 1e8 ? value * 1000 - nowMs : value * 1000);
  }
  const parts = /^(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:([\d.]+)s)?(?:([\d.]+)ms)?$/.exec(text.trim());
  if (parts) {
    const [days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0] = parts
      .slice(1)
      .map((part) => Number(part ?? 0));
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
  }
  const date = Date.parse(text);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

function number(text: string | null): number | null {
  if (text === null || !/^\s*-?\d+(?:\.\d*)?\s*$/.test(text)) return null;
  return Number(text);
}
