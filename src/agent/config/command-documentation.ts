import { FormatFault, pythonFormat } from '../../python/python-format.js';
import type { DocumentedCommand } from './command-file.js';
import type { ConfigFault } from './config-fault.js';

/** How commands are told of: MLGym's `ParseCommandDetailed` and `ParseCommandBash`. */
export type DocumentationStyle = 'detailed' | 'short';

/**
 * The text that stands for `{command_docs}` in prompts.
 * @param variables shell variables of the agent, which docstrings may name in braces
 * @param faults takes docstrings that cannot be filled in; their commands are left out
 */
export function commandDocumentation(
  commands: readonly DocumentedCommand[],
  style: DocumentationStyle,
  variables: Readonly<Record<string, string>>,
  faults: ConfigFault[],
): string {
  let text = '';
  for (const command of commands) {
    const { name, signature, file, line } = command;
    let docstring: string | null;
    try {
      docstring = command.docstring === null ? null : pythonFormat(command.docstring, variables);
    } catch (error) {
      if (!(error instanceof FormatFault)) throw error;
      const problem = `cannot be filled in: ${error.message}`;
      const remedy = 'set it in env_variables, or double braces that are meant as such';
      faults.push({ severity: 'error', file, line, field: `${name}: docstring`, problem, remedy });
      continue;
    }
    if (style === 'short') {
      if (docstring !== null) text += `${signature || name} - ${docstring}\n`;
      continue;
    }
    text += `${name}:\n`;
    if (docstring !== null) text += `  docstring: ${docstring}\n`;
    text += `  signature: ${signature ?? name}\n`;
    if (command.listsArguments) text += '  arguments:\n';
    for (const { name, type, required, description } of command.arguments) {
      text += `    - ${name} (${type}) [${required ? 'required' : 'optional'}]: ${description}\n`;
    }
    text += '\n';
  }
  return text;
}
