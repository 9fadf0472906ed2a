import { LONGEST_TIMER_MS } from '../../sandbox/longest-timer.js';

/**
 * Waits for work, but not for ever; the work goes on.
 * @param deadlineMs undefined: for ever
 * @returns null when the work is not done in time; rejects as the work does
 */
export async function withinDeadline<T>(work: Promise<T>, deadlineMs: number | undefined): Promise<T | null> {
  if (deadlineMs === undefined) return work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), Math.min(deadlineMs, LONGEST_TIMER_MS));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
