import { pythonStrip } from '../../python/python-strip.js';
import type { AgentConfig } from '../config/agent-config.js';
import { fillTemplate, type TemplateValue } from './fill-template.js';
import { PromptError } from './prompt-error.js';
import type { PromptFacts } from './prompt-facts.js';
import { readState } from './read-state.js';

type Values = Readonly<Record<string, TemplateValue>>;

/** Writes the messages that an agent's model gets to see in one episode. */
export class PromptRenderer {
  readonly #config: AgentConfig;
  readonly #fixed: Map<string, { value: TemplateValue; from: string }>;

  /**
   * @param task fields of the task by their names in prompts: `TaskDetail.template`
   * @throws PromptError when a field of the task and a variable of the agent have one name
   */
  constructor(config: AgentConfig, task: Readonly<Record<string, string>>) {
    this.#config = config;
    this.#fixed = new Map();
    this.#add(this.#fixed, task, 'a field of the task');
    this.#add(this.#fixed, { command_docs: config.commandDocs }, 'the documentation of the commands');
    this.#add(this.#fixed, config.variables, 'a variable of the agent');
    if (config.source.startsWith('swe-agent')) {
      const problem = task.description ?? '';
      const issue = { issue: problem, problem_statement: problem, repo: '' };
      for (const [name, value] of Object.entries(issue)) this.#fixed.set(name, { value, from: 'the problem to solve' });
    }
  }

  /** @returns the system message. @throws PromptError */
  system(): string {
    return this.#fill('system_template', this.#config.templates.system, this.#values());
  }

  /**
   * The first message after the system message and the demonstrations. The templates of later messages are tried as well: one
   * that cannot be filled in is told before a model is asked.
   * @param observation what the reset returned, for templates that show it; null: nothing
   * @throws PromptError
   */
  first(facts: PromptFacts, observation: string | null = null): string {
    const { task, strategy } = this.#config.templates;
    const values = this.#values(facts, observation ?? '');
    const parts = [this.#fill(this.#taskTemplate, task, values)];
    if (strategy !== null) parts.push(this.#fill('strategy_template', strategy, values));
    this.next('', facts);
    this.next('x', facts);
    return parts.join('\n');
  }

  /**
   * The message after an action.
   * @param observation what the action brought; null or blank: nothing was printed
   * @throws PromptError
   */
  next(observation: string | null, facts: PromptFacts): string {
    const { nextStep, nextStepNoOutput, truncated } = this.#config.templates;
    const text = observation ?? '';
    const values = this.#values(facts, text);
    if (pythonStrip(text) === '') return this.#fill('next_step_no_output_template', nextStepNoOutput, values);
    // UTF-16 has at least as many units as characters: the short text needs no count.
    if (truncated && text.length > truncated.maxCharacters) {
      const elided = [...text].length - truncated.maxCharacters;
      const limits = { max_observation_length: truncated.maxCharacters, elided_chars: elided };
      const template = 'next_step_truncated_observation_template';
      if (elided > 0) return this.#fill(template, truncated.template, { ...values, ...limits });
    }
    return this.#fill('next_step_template', nextStep, values);
  }

  /**
   * What a model is told whose output could not be parsed.
   * @param fault what the parser found, for templates that name it
   * @returns null when the configuration has no text of its own
   * @throws PromptError
   */
  formatError(fault: Readonly<Record<string, string>> = {}): string | null {
    const { formatError } = this.#config.templates;
    return formatError === null
      ? null
      : this.#fill('format_error_template', formatError, { ...this.#values(), ...fault });
  }

  /**
   * What a model is told whose action is refused.
   * @throws PromptError
   */
  blockError(action: string): string {
    const { blocked } = this.#config;
    const [name = ''] = pythonStrip(action).split(/\s/, 1);
    return this.#fill('blocklist_error_template', blocked?.errorTemplate ?? '', { ...this.#values(), name, action });
  }

  get #taskTemplate(): string {
    return this.#config.source.startsWith('swe-agent') ? 'instance_template' : 'task_template';
  }

  #fill(name: string, template: string, values: Values): string {
    return fillTemplate(this.#config.templateLanguage, `${this.#config.name}: ${name}`, template, values);
  }

  #values(facts?: PromptFacts, observation?: string): Values {
    if (!facts) return Object.fromEntries([...this.#fixed].map(([name, { value }]) => [name, value]));
    const all = new Map(this.#fixed);
    const steps = { current_step: String(facts.currentStep), remaining_steps: String(facts.remainingSteps) };
    this.#add(all, { ...readState(facts.state), ...steps }, 'a value of the state');
    this.#add(all, { observation: observation ?? '' }, 'the observation');
    return Object.fromEntries([...all].map(([name, { value }]) => [name, value]));
  }

  #add(into: Map<string, { value: TemplateValue; from: string }>, values: Values, from: string): void {
    for (const [name, value] of Object.entries(values)) {
      const other = into.get(name);
      if (other) {
        throw new PromptError(
          `${this.#config.name}: {${name}} means two things in its templates: ${other.from}, and ${from} - rename one of them`,
        );
      }
      into.set(name, { value, from });
    }
  }
}
