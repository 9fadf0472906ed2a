/** An argument of a command. */
export interface CommandArgument {
  name: string;
  /** `string`, `integer`, `boolean`... as the documentation of the command says. */
  type: string;
  description: string;
  required: boolean;
}

/** A command as agents are told of it. */
export interface CommandDefinition {
  name: string;
  docstring: string | null;
  /** How it is written, such as `edit <start_line>:<end_line>` and more lines; null: name and arguments. */
  signature: string | null;
  /** Word on a line of its own that ends a command of many lines. */
  endName: string | null;
  arguments: readonly CommandArgument[];
}

/** The forms in which a model answers. `function_calling` is the second dialect: tools of the endpoint instead of text. */
export type ParserName =
  | 'mlgym_thought_action'
  | 'thought_action'
  | 'action'
  | 'xml_thought_action'
  | 'edit_format'
  | 'identity'
  | 'json'
  | 'function_calling';

/** What of the history a model gets to see. */
export type HistoryProcessorSpec =
  | { type: 'full' }
  /** MLGym's `LastNObservations`: the first and the last n observations stay, others become one line. */
  | { type: 'last_observations'; n: number }
  /** MLGym's `ClosedWindowHistoryProcessor`. */
  | { type: 'closed_window' }
  /**
   * Old observations are cut, but only in batches of `every` steps: what was sent stays a prefix of what is sent, so that
   * endpoints read most of it from their prompt cache.
   */
  | { type: 'append_only'; keep: number; every: number };

/** Prompts. Each is a template in the language that `AgentConfig.templateLanguage` names. */
export interface AgentTemplates {
  system: string;
  task: string;
  nextStep: string;
  nextStepNoOutput: string;
  /** Appended to the first prompt. */
  strategy: string | null;
  demonstration: string | null;
  /** Null: the parser's own text. */
  formatError: string | null;
}

/** An agent: everything but the model. Made from a configuration file of MLGym or SWE-agent, or ours. */
export interface AgentConfig {
  /** Stem of the file; names runs. */
  name: string;
  /** Whose format the file has. */
  source: 'gymsmith' | 'mlgym' | 'swe-agent-0' | 'swe-agent-1';
  /** `python`: `str.format`. `jinja`: what SWE-agent 1 uses. */
  templateLanguage: 'python' | 'jinja';
  templates: AgentTemplates;
  parser: ParserName;
  history: readonly HistoryProcessorSpec[];
  demonstrations: readonly { path: string; contents: string }[];
  putDemonstrationsInHistory: boolean;
  commands: readonly CommandDefinition[];
  /** The text that stands for `{command_docs}`. */
  commandDocs: string;
  submitCommand: string;
  /** Shell variables, as the file spells them. */
  variables: Readonly<Record<string, string>>;
  /** Files of commands that sandboxes do not have of their own. */
  commandFiles: readonly { name: string; contents: string }[];
  /** Null: the open file and the working directory, as MLGym's default prints them. */
  stateCommand: { name: string; code: string } | null;
  /** Faults that do not keep the agent from playing, one line each. */
  warnings: readonly string[];
}
