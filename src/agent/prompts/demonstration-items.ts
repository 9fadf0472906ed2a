import type { AgentConfig } from '../config/agent-config.js';
import { readDemonstration } from '../config/demonstration.js';
import type { HistoryItem } from '../history/history-item.js';
import { fillTemplate } from './fill-template.js';
import { PromptError } from './prompt-error.js';

/** Formats in which a demonstration shows the items of one agent, and what else that agent is called in recordings. */
const NAMED: Partial<Record<AgentConfig['source'], readonly string[]>> = { mlgym: [], 'swe-agent-0': ['primary'] };

/**
 * The demonstrations of an agent as items that follow the system message: one by one, or each as one message of the user in
 * `demonstration_template`. Agents that only play a recording again need none.
 * @param agentName name that the items carry. In configurations of MLGym and SWE-agent 0 a demonstration shows only the items of
 *   an agent of this name, and those without one; in the others all of them
 * @throws PromptError for a demonstration without items, or without a way to show it
 */
export function demonstrationItems(config: AgentConfig, agentName: string): HistoryItem[] {
  const names = NAMED[config.source];
  return config.demonstrations.flatMap((demonstration) => {
    const { items, problem } = readDemonstration(demonstration);
    if (problem !== null) throw new PromptError(`${demonstration.path}: ${problem}`);
    const shown = items.filter(
      (item) =>
        item.role !== 'system' && (!names || item.agent === undefined || [agentName, ...names].includes(item.agent)),
    );
    if (shown.length === 0) {
      const agents = [...new Set(items.map((item) => item.agent ?? 'no name'))].join(', ');
      throw new PromptError(
        `${demonstration.path}: shows nothing to the agent ${agentName}, its items are of ${agents} - rename the agent in it`,
      );
    }
    if (config.putDemonstrationsInHistory) {
      return shown.map((item): HistoryItem => ({ ...item, agent: agentName, is_demo: true }));
    }
    const template = config.templates.demonstration;
    if (template === null) {
      throw new PromptError(
        `${config.name}: demonstrations need demonstration_template, or put_demos_in_history: true`,
      );
    }
    const values = { demonstration: shown.map(({ content }) => content).join('\n') };
    const content = fillTemplate(config.templateLanguage, `${config.name}: demonstration_template`, template, values);
    return [{ role: 'user', content, agent: agentName, is_demo: true } satisfies HistoryItem];
  });
}
