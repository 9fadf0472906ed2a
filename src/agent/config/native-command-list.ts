import { closest } from '../../yaml/closest.js';
import type { DocumentedCommand } from './command-file.js';
import type { ConfigSection } from './config-section.js';
import { NATIVE_COMMANDS } from './native-commands.js';

/** `commands` of our own format: names of the sandbox's commands that the agent is told of. Unset: all but the memory. */
export function nativeCommands(section: ConfigSection): DocumentedCommand[] {
  const known = NATIVE_COMMANDS.map(({ name }) => name);
  const unset = known.filter((name) => name !== 'bash' && !name.startsWith('memory_'));
  const names = section.has('commands') ? section.texts('commands') : unset;
  return names.flatMap((name, index) => {
    const command = NATIVE_COMMANDS.find((candidate) => candidate.name === name);
    const line = section.lineOf(['commands', index]);
    if (command) return [{ ...command, listsArguments: command.arguments.length > 0, file: section.source.file, line }];
    const near = closest(name, known)[0];
    const remedy = near ? `write ${near}` : `known are ${known.join(', ')}; name files of others in command_files`;
    section.error(['commands', index], `is ${name}, which no sandbox has of its own`, remedy);
    return [];
  });
}
