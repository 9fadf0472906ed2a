import type { EpisodeOptions } from '../protocol/index.js';
import { shellQuote } from '../python/python-quote.js';
import type { AgentConfig } from './config/agent-config.js';

/** What of a configuration concerns the environment. */
type Asked = Pick<AgentConfig, 'source' | 'variables' | 'commandFiles' | 'stateCommand'>;

/** Values as a shell reads them: MLGym and SWE-agent 0 write them so, with `()` for an empty list; the others write plain texts. */
function spelled({ source, variables }: Asked): Record<string, string> {
  if (source === 'mlgym' || source === 'swe-agent-0') return { ...variables };
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, shellQuote(value)]));
}

/** @returns what an agent asks of a reset: its variables, commands and state command, and what the caller says over them */
export function resetOptions(config: Asked, given: EpisodeOptions = {}): EpisodeOptions {
  const { commandFiles, stateCommand } = config;
  const all = { ...spelled(config), ...given.variables };
  const options: EpisodeOptions = { ...given };
  if (Object.keys(all).length > 0) options.variables = all;
  if (commandFiles.length > 0) options.command_files ??= commandFiles.map((file) => ({ ...file }));
  if (stateCommand) options.state_command ??= { ...stateCommand };
  return options;
}
