import type { AgentConfig } from '../../agent/config/agent-config.js';
import { loadAgentConfig } from '../../agent/config/load-agent-config.js';

/** The agent that ships for calls of tools. */
const TOOLS_AGENT = 'tools';
const DEFAULT_AGENT = 'default';

/**
 * Loads the agent of the flags.
 * @param dialect null: as the agent has it. The agent that ships speaks either in prompts of its own; another one keeps its prompts,
 *   whatever they say of the form of an answer
 * @throws AgentConfigError
 */
export async function loadAgent(name: string, dialect: 'text' | 'tools' | null): Promise<AgentConfig> {
  const shipped = name === DEFAULT_AGENT || name === TOOLS_AGENT;
  const chosen = shipped && dialect !== null ? (dialect === 'tools' ? TOOLS_AGENT : DEFAULT_AGENT) : name;
  const config = await loadAgentConfig(chosen);
  const speaksTools = config.parser === 'function_calling';
  if (dialect === null || (dialect === 'tools') === speaksTools) return config;
  const parser = dialect === 'tools' ? 'function_calling' : 'thought_action';
  const form = dialect === 'tools' ? 'calls of tools' : 'text between fences';
  const warning = `${config.name}: its prompts were written for another form of answers than ${form}.`;
  return { ...config, parser, warnings: [...config.warnings, warning] };
}
