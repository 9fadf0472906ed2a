/** An argument of a command. */
export interface CommandArgument {
  name: string;
  /** `string`, `integer`, `boolean`... as the documentation of the command says. */
  type: string;
  description: string;
  required: boolean;
  /** Values that it may have; unset: any. */
  values?: readonly string[];
  /** Type of the elements of a list. */
  elementType?: string;
  /** How it is written in the command line, a Jinja template of `value`; unset: as its value. */
  format?: string;
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
  /** The whole output is the action: SWE-agent 1, and people. */
  | 'action_only'
  /** One fence that is marked as bash: SWE-agent 1. */
  | 'single_bash_code_block'
  /** Every fence that is marked as bash, one after the other: SWE-agent 1. */
  | 'all_bash_code_blocks'
  /** Calls of functions that are written as text between tags: SWE-agent 1. */
  | 'xml_function_calling'
  | 'function_calling';

/** What of the history a model gets to see. */
export type HistoryProcessorSpec =
  | { type: 'full' }
  /**
   * MLGym's `LastNObservations`: the first and the last n observations stay, others become one line. With SWE-agent 1's
   * `polling` the cut moves only every so many observations; unset: with each.
   */
  | { type: 'last_observations'; n: number; polling?: number }
  /** MLGym's `ClosedWindowHistoryProcessor`. */
  | { type: 'closed_window' }
  /** SWE-agent 1: what the patterns match goes from all but the last items. Patterns are Python's; a dot matches line breaks too. */
  | { type: 'remove_regex'; patterns: readonly string[]; keepLast: number }
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
  /** Stands for `nextStep` when an observation is longer; null: none is too long. */
  truncated: { template: string; maxCharacters: number } | null;
}

/** Actions that are refused before they reach the environment. */
export interface BlockRules {
  /** An action that begins with one of these words is refused. */
  names: readonly string[];
  /** An action that is one of these and nothing else is refused. */
  standalone: readonly string[];
  /** Template of what the model is told: `name` is the first word in Python's language, `action` the action in Jinja. */
  errorTemplate: string;
}

/** An agent: everything but the model. Made from a configuration file of MLGym or SWE-agent, or ours. */
export interface AgentConfig {
  /** Stem of the file, in the names of runs. */
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
  /** Null: nothing is refused. MLGym's own rules never hold, by a defect: whoever plays to its letter passes them over. */
  blocked: BlockRules | null;
  /**
   * Shell variables, as the file spells them and prompts show them. In the formats of MLGym and SWE-agent 0 a value is a piece of
   * shell text, in the others a plain text.
   */
  variables: Readonly<Record<string, string>>;
  /** Files of commands that sandboxes do not have of their own. */
  commandFiles: readonly { name: string; contents: string }[];
  /** Null: the open file and the working directory, as MLGym's default prints them. */
  stateCommand: { name: string; code: string } | null;
  /** Faults that do not keep the agent from playing, one line each. */
  warnings: readonly string[];
}
