import { pythonStrip } from '../../python/python-strip.js';
import { OutputFault } from '../parsing/output-fault.js';
import type { DialectConfig } from './dialect.js';

/** The entry that an action begins with, as words of their own. */
function begins(action: string, entry: string): boolean {
  return action.startsWith(entry) && /^(?:\s|$)/.test(action.slice(entry.length, entry.length + 1));
}

/**
 * Refuses actions that no environment should get. MLGym ends the run without a word when an action is blank; here the model is asked
 * again, as for any other output without an action. MLGym's rules for blocking never hold, by a defect that its records show, so they
 * do not hold here for its agents either.
 * @returns null when the action may be sent
 */
export function checkAction({ source, blocked }: DialectConfig, action: string): OutputFault | null {
  const text = pythonStrip(action);
  if (text === '') return new OutputFault('format', 'blank', 'the action is blank');
  if (source === 'mlgym' || !blocked) return null;
  const refused = blocked.names.some((name) => begins(text, name)) || blocked.standalone.includes(text);
  return refused ? new OutputFault('blocked', 'blocked', 'the action is blocked', null, text) : null;
}
