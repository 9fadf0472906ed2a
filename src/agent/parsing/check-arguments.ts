import type { CommandArgument } from '../config/agent-config.js';
import { OutputFault } from './output-fault.js';

function listed(names: readonly string[]): string {
  return names.map((name) => `"${name.slice(0, 80)}"`).join(', ');
}

/**
 * Compares the names of the arguments that were given with those that are known.
 * @param ignored a name that models like to add and that says nothing
 * @returns null when every name is known and none is missing
 */
export function checkArgumentNames(
  known: readonly CommandArgument[],
  given: ReadonlySet<string>,
  ignored: string | null,
): OutputFault | null {
  const names = known.map(({ name }) => name);
  const missing = known.filter(({ name, required }) => required && !given.has(name)).map(({ name }) => name);
  if (missing.length > 0) return new OutputFault('format', 'missing_arg', `it lacks ${listed(missing)}`);
  const extra = [...given].filter((name) => !names.includes(name) && name !== ignored);
  if (extra.length === 0) return null;
  const takes = names.length === 0 ? 'it takes none' : `it takes ${listed(names)}`;
  const more = extra.length > 5 ? ` and ${extra.length - 5} more` : '';
  return new OutputFault('format', 'unexpected_arg', `it has no ${listed(extra.slice(0, 5))}${more}; ${takes}`);
}
