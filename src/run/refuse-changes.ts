import { RunError } from './run-error.js';
import type { SettingsChange } from './settings-changes.js';

const MAX_CHARACTERS = 200;

/**
 * @param root directory of the run
 * @param changes those that a run may not go on under
 * @param mayChange what else may change, as a sentence
 * @throws RunError when there are any
 */
export function refuseChanges(root: string, changes: readonly SettingsChange[], mayChange: string): void {
  if (changes.length === 0) return;
  const lines = changes.map(({ path, was, is }) => `  ${path}: was ${shown(was)}, is ${shown(is)}`);
  throw new RunError(
    `${root} was begun with other settings:\n${lines.join('\n')}`,
    `Go on with the settings of then, or begin another run with --out. ${mayChange}`,
  );
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, MAX_CHARACTERS);
}
