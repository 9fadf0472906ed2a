import type { EpisodeOptions } from '../protocol/index.js';
import type { AgentConfig } from './config/agent-config.js';

/** @returns what an agent asks of a reset: its variables, commands and state command, and what the caller says over them */
export function resetOptions(
  { variables, commandFiles, stateCommand }: Pick<AgentConfig, 'variables' | 'commandFiles' | 'stateCommand'>,
  given: EpisodeOptions = {},
): EpisodeOptions {
  const all = { ...variables, ...given.variables };
  const options: EpisodeOptions = { ...given };
  if (Object.keys(all).length > 0) options.variables = all;
  if (commandFiles.length > 0) options.command_files ??= commandFiles.map((file) => ({ ...file }));
  if (stateCommand) options.state_command ??= { ...stateCommand };
  return options;
}
