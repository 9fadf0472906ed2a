import { stringify } from 'yaml';
import type { AgentConfig } from '../agent/config/agent-config.js';

/** Everything that a run was asked for. */
export interface RunArguments {
  task: string;
  seed: number | null;
  /** Null: the task's own. */
  maxSteps: number | null;
  /** Where episodes ran, in words. */
  where: string;
  model: string;
  /** Settings of the model and of its endpoint; no key. */
  settings: Readonly<Record<string, unknown>>;
  temperature: number | null;
  topP: number | null;
  /** Dollars; 0: no limit. */
  costLimit: number;
  totalCostLimit: number;
  agent: string;
  config: AgentConfig;
  suffix: string;
  runs: number;
}

/** @returns the contents of `args.yaml`: under MLGym's names what MLGym has a name for, the rest under ours */
export function argumentsYaml(args: RunArguments): string {
  const { config } = args;
  const document = {
    environment: { task_config_path: args.task, max_steps: args.maxSteps, seed: args.seed },
    agent: {
      model: {
        model_name: args.model,
        per_instance_cost_limit: args.costLimit,
        total_cost_limit: args.totalCostLimit,
        temperature: args.temperature,
        top_p: args.topP,
      },
      agent_config_path: args.agent,
      config: {
        system_template: config.templates.system,
        task_template: config.templates.task,
        next_step_template: config.templates.nextStep,
        next_step_no_output_template: config.templates.nextStepNoOutput,
        strategy_template: config.templates.strategy,
        demonstration_template: config.templates.demonstration,
        demonstrations: config.demonstrations.map(({ path }) => path),
        put_demos_in_history: config.putDemonstrationsInHistory,
        format_error_template: config.templates.formatError,
        output_parser: config.parser,
        history_processor: config.history,
        tools: { command_files: config.commandFiles.map(({ name }) => name), env_variables: config.variables },
      },
    },
    suffix: args.suffix,
    num_agents: args.runs,
    gymsmith: { where: args.where, ...args.settings },
  };
  return stringify(document, { lineWidth: 0 });
}
