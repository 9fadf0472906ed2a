import { createContext, Script } from 'node:vm';
import { RunError } from '../../run/run-error.js';

/** Of one text; most take microseconds. */
const MOST_MS = 2000;
const SHOWN_CHARACTERS = 60;

/**
 * Repetitions within repetitions take twice the time for each character more, and nothing could end the process but a kill.
 * @returns whether a text matches; asked once of each text; throws RunError when that takes too long
 */
export function patientMatcher(pattern: string): (text: string) => boolean {
  const asked = { pattern: new RegExp(pattern, 'u'), text: '' };
  const context = createContext(asked);
  const test = new Script('pattern.test(text)');
  const known = new Map<string, boolean>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    asked.text = text;
    try {
      const found = test.runInContext(context, { timeout: MOST_MS }) === true;
      known.set(text, found);
      return found;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new RunError(
        `The pattern ${JSON.stringify(pattern)} takes too long on ${JSON.stringify(text.slice(0, SHOWN_CHARACTERS))}.`,
        'Write it without repetitions inside repetitions.',
      );
    }
  };
}
