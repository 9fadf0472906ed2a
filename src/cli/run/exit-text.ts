import type { AgentRun } from '../../agent/agent-run.js';
import { shownLine } from '../play/terminal-text.js';

/** An exit status may tell an exception; the trajectory has all of it. */
const EXIT_CHARACTERS = 80;
/** Analysis scripts know `exit_cost` for all three, and `exit_error` for what a person stopped. */
const REASONS = new Map([
  ['cost', '(exit_cost: dollars)'],
  ['tokens', '(exit_cost: tokens)'],
  ['time', '(exit_cost: time)'],
  ['aborted', '(aborted)'],
]);

/** @returns how a run ended and why, on one line */
export function exitText({ exitStatus, stop }: Pick<AgentRun, 'exitStatus' | 'stop'>): string {
  const status = shownLine(exitStatus || stop);
  const reason = REASONS.get(stop);
  const text = reason === undefined ? status : status.replace(/\(exit_(?:cost|error)\)$/, reason);
  return text.slice(0, EXIT_CHARACTERS);
}
