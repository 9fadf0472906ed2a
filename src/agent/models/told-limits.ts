import { plainNumber } from './plain-number.js';
import { readWaitMs } from './read-wait.js';
import type { ToldLimit } from './told-budget.js';

/** What endpoints call a limit: OpenAI's way, which most others have taken over, and Anthropic's. */
const NAMES = [
  (part: string, of: string) => `x-ratelimit-${part}-${of}`,
  (part: string, of: string) => `anthropic-ratelimit-${of}-${part}`,
];

/**
 * @param of the limit in question
 * @param nowMs Unix time
 * @returns what headers of an answer say of it; null when they do not, or not enough
 */
export function toldLimit(headers: Headers, of: 'requests' | 'tokens', nowMs: number): ToldLimit | null {
  for (const name of NAMES) {
    const limit = plainNumber(headers.get(name('limit', of)));
    const remaining = plainNumber(headers.get(name('remaining', of)));
    const resetMs = readWaitMs(headers.get(name('reset', of)), nowMs);
    if (limit === null || remaining === null || resetMs === null || limit <= 0) continue;
    return { limit, remaining: Math.min(limit, Math.max(0, remaining)), resetMs };
  }
  return null;
}
