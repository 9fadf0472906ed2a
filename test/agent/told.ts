import { expect } from 'vitest';
import { AgentConfigError } from '../../src/agent/config/config-fault.js';
import { loadAgentConfig } from '../../src/agent/config/load-agent-config.js';
import { checkout } from './checkout.js';

/** Files of a checkout by their paths. */
export type Files = Record<string, string>;

export const MLGYM = 'system_template: s\ntask_template: t\n';
export const SWE_AGENT = 'agent:\n  templates: {system_template: s, instance_template: t}\n';

/** Loads `agent.yaml` of a checkout. @returns lines of the message, without the first, or the warnings */
export async function told(files: Files): Promise<{ errors: string[]; warnings: readonly string[] }> {
  const root = await checkout(files);
  try {
    return { errors: [], warnings: (await loadAgentConfig(`${root}/agent.yaml`)).warnings };
  } catch (error) {
    if (!(error instanceof AgentConfigError)) throw error;
    const [first, ...lines] = error.message.replaceAll(root, '<root>').split('\n');
    expect(first).toBe('The agent <root>/agent.yaml cannot be loaded:');
    return { errors: lines, warnings: [] };
  }
}
