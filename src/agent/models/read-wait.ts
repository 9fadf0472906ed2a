import { plainNumber } from './plain-number.js';

/**
 * Reads a wait or a point in time as endpoints write them: `6m0s`, `120ms`, seconds, Unix times in seconds or milliseconds, dates.
 * @param nowMs Unix time
 * @returns milliseconds from now, at least 0; null when it can not be read
 */
export function readWaitMs(text: string | null, nowMs: number): number | null {
  if (text === null || text.trim() === '') return null;
  const value = plainNumber(text);
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
