import type { Command } from 'commander';
import { closest } from '../yaml/closest.js';
import { CliError } from './cli-error.js';

/**
 * @param name that is no sub-command, and so came to the default one
 * @param command the default one
 */
export function noCommand(name: string, { parent }: Command): CliError {
  const group = parent?.name() ?? '';
  const names = parent?.commands.map((command) => command.name()) ?? [];
  const near = closest(name, names)[0];
  return new CliError(
    `There is no command ${group} ${name}.`,
    near ? `Did you mean ${group} ${near}?` : `There are: ${names.join(', ')}`,
    2,
  );
}
