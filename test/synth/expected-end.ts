import type { Candidate } from '../../src/synth/candidate.js';
import type { RecordedTask } from '../../src/testing/teacher-stand-in/recorded-task.js';

/**
 * What must come of a candidate, worked out from its recording alone.
 * @param hows how its attempts came to be, the first one included; decided by the settings' chance
 * @param k most attempts after the first one
 * @returns whether it gets through generation and verification, and after how many attempts
 */
export function expectedEnd(
  { entry }: RecordedTask,
  hows: readonly Candidate['attempts'][number]['how'][],
  k: number,
): { isSound: boolean; attempts: number } {
  let repairs = 0;
  for (let number = 0; number <= k; number++) {
    const how = hows[number] ?? 'first';
    repairs = how === 'repair' ? repairs + 1 : 0;
    const at = entry.mended_by === 'repair' ? repairs : number;
    const faults = entry.attempts[entry.never_mended ? Math.min(at, entry.attempts.length - 1) : at] ?? [];
    if (faults.every((name) => name === 'prose-around')) return { isSound: true, attempts: number + 1 };
  }
  return { isSound: false, attempts: k + 1 };
}
