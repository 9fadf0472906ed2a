import type { AgentConfig } from './agent-config.js';

/**
 * A file of shell that hands variables on to programs. MLGym and SWE-agent 0 keep theirs to the shell; in the other formats
 * they are the environment of everything that is run.
 */
export function exportedVariables(variables: Readonly<Record<string, string>>): AgentConfig['commandFiles'] {
  const names = Object.keys(variables);
  return names.length === 0 ? [] : [{ name: 'gymsmith_exports.sh', contents: `export ${names.join(' ')}\n` }];
}
