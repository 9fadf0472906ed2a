import type { AgentConfig, AgentTemplates } from './agent-config.js';
import { checkTemplate, TASK_FIELDS } from './check-template.js';
import type { ConfigSection } from './config-section.js';

/** What templates may ask for, and how they are written. */
export interface TemplateRules {
  language: AgentConfig['templateLanguage'];
  /** Name of the template of the first prompt. */
  task: 'task_template' | 'instance_template';
  /** Names that system prompts can have beside the fields of tasks. */
  fixed: readonly string[];
  /** Keys of the state. */
  state: readonly string[];
}

/** The prompts that the formats have in common. @param required system and task must be there; else they are empty */
export function readTemplates(section: ConfigSection, rules: TemplateRules, required: boolean): AgentTemplates {
  const { language, task: taskKey } = rules;
  const early = [...TASK_FIELDS, 'command_docs', ...rules.fixed];
  const late = [...early, ...rules.state, 'current_step', 'remaining_steps', 'observation'];
  const prompt = (key: string, known: readonly string[]): string | null => {
    const template = section.text(key);
    if (template !== null) checkTemplate(language, section, key, template, known);
    return template;
  };
  const needed = (key: string, known: readonly string[]): string => {
    const remedy = `write the prompt: ${key}: |-`;
    if (!section.has(key) && required) section.error(key, 'is missing', remedy);
    else if (!section.has(key)) section.warning(key, 'is missing, its message will be empty', remedy);
    return prompt(key, known) ?? '';
  };
  const system = needed('system_template', early);
  const task = needed(taskKey, late);
  const nextStep = prompt('next_step_template', late);
  const next = nextStep ?? (language === 'jinja' ? 'Observation: {{observation}}' : task);
  return {
    system,
    task,
    nextStep: next,
    nextStepNoOutput: prompt('next_step_no_output_template', late) ?? next,
    strategy: prompt('strategy_template', late),
    demonstration: prompt('demonstration_template', ['demonstration']),
    formatError: null,
    truncated: null,
  };
}
