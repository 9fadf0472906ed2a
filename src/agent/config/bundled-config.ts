import type { AgentConfig } from './agent-config.js';
import { readBlockRules } from './block-rules.js';
import { checkTemplate } from './check-template.js';
import type { CheckoutFiles } from './checkout-files.js';
import { commandDocumentation } from './command-documentation.js';
import type { DocumentedCommand } from './command-file.js';
import type { ConfigSection } from './config-section.js';
import { exportedVariables } from './exported-variables.js';
import { sweAgentHistory } from './history-specs.js';
import { NATIVE_COMMANDS } from './native-commands.js';
import { parserType } from './parser-names.js';
import { checkInstalled } from './read-command-files.js';
import { readDemonstrations } from './read-demonstrations.js';
import { readTemplates } from './read-templates.js';
import { readVariables } from './read-variables.js';
import { selectTools } from './select-tools.js';
import { readBundle, type ToolBundle } from './tool-bundle.js';

/** What SWE-agent 1 sets when a configuration says nothing. */
const DEFAULT_VARIABLES = {
  PAGER: 'cat',
  MANPAGER: 'cat',
  LESS: '-R',
  PIP_PROGRESS_BAR: 'off',
  TQDM_DISABLE: '1',
  GIT_PAGER: 'cat',
};
const MAX_OBSERVATION_CHARACTERS = 100_000;
const TRUNCATED =
  'Observation: {{observation[:max_observation_length]}}\n({{elided_chars}} more characters are left out: print less, or write the output to a file and look at parts of it.)';

const TIMES = 'the task and the options of its reset set the time limits';
const UNUSED_RUN = 'it is about a run of SWE-agent, not about the agent';

/** Reads a configuration of SWE-agent 1. Faults go where the section sends them; with an error among them the result is of no use. */
export async function readBundledConfig(
  root: ConfigSection,
  name: string,
  files: CheckoutFiles,
): Promise<Omit<AgentConfig, 'warnings'> | null> {
  for (const key of root.keys().filter((key) => key !== 'agent')) root.unused({ [key]: UNUSED_RUN });
  const agent = chooseAgent(root);
  if (agent === null) return null;
  const templates = agent.section('templates') ?? agent.emptySection('templates');
  const tools = agent.section('tools') ?? agent.emptySection('tools');
  const given = tools.has('env_variables') ? readVariables(tools) : DEFAULT_VARIABLES;
  const bundles = await readBundles(tools, files);
  const installed = selectTools(tools, bundles);
  checkInstalled(tools, installed.commandFiles, 'bundles');
  const commands = toolsOf(tools, bundles);
  const commandDocs = commandDocumentation(commands, 'detailed', given, root.source.faults);
  const rules = { language: 'jinja', task: 'instance_template', fixed: [], state: [] } as const;
  const prompts = readTemplates(templates, rules, false);
  const formatError = tools.text('format_error_template');
  if (formatError !== null) checkTemplate('jinja', tools, 'format_error_template', formatError, []);
  const maxCharacters = templates.count('max_observation_length') ?? MAX_OBSERVATION_CHARACTERS;
  const truncated = templates.text('next_step_truncated_observation_template') ?? TRUNCATED;
  checkTemplate('jinja', templates, 'next_step_truncated_observation_template', truncated, []);
  const filter = tools.section('filter');
  const variables = { ...installed.variables, ...registryVariables(tools), ...given };
  const config: Omit<AgentConfig, 'warnings'> = {
    name,
    source: 'swe-agent-1',
    templateLanguage: 'jinja',
    templates: { ...prompts, formatError, truncated: { template: truncated, maxCharacters } },
    parser: parserType(tools.section('parse_function')),
    history: sweAgentHistory(agent),
    ...(await readDemonstrations(templates, files)),
    commands: commands.map(({ listsArguments: _, file: __, line: ___, ...command }) => command),
    commandDocs,
    submitCommand: tools.text('submit_command') ?? 'submit',
    blocked: readBlockRules('swe-agent-1', filter),
    variables,
    commandFiles: [...exportedVariables(variables), ...installed.commandFiles],
    stateCommand: installed.stateCommand,
  };
  reportUnused(agent, templates, tools, filter);
  return config;
}

function chooseAgent(root: ConfigSection): ConfigSection | null {
  const agent = root.section('agent');
  if (agent === null || !agent.has('agent_configs')) return agent;
  const [first] = agent.sections('agent_configs');
  if (!first) agent.error('agent_configs', 'is empty', 'write at least one agent');
  agent.warning('agent_configs', 'is read for its first agent only', 'attempts of several agents are not played');
  agent.unused({ retry_loop: 'attempts are not repeated' });
  return first ?? null;
}

async function readBundles(tools: ConfigSection, files: CheckoutFiles): Promise<ToolBundle[]> {
  const bundles: ToolBundle[] = [];
  for (const item of tools.sections('bundles')) {
    const bundle = await readBundle(item, files);
    if (bundle) bundles.push(bundle);
  }
  return bundles;
}

function toolsOf(tools: ConfigSection, bundles: readonly ToolBundle[]): DocumentedCommand[] {
  const bash = tools.flag('enable_bash_tool', true) ? NATIVE_COMMANDS.filter(({ name }) => name === 'bash') : [];
  const commands = [
    ...bash.map((command) => ({ ...command, listsArguments: true, file: tools.source.file, line: tools.lineOf([]) })),
    ...bundles.flatMap((bundle) => bundle.commands),
  ];
  const names = new Set<string>();
  for (const { name } of commands) {
    if (names.has(name)) tools.error('bundles', `have two tools of the name ${name}`, 'remove or hide one of them');
    names.add(name);
  }
  return commands;
}

/** SWE-agent's programs look here first and then among the shell variables: texts can as well be these. */
function registryVariables(tools: ConfigSection): Record<string, string> {
  const section = tools.section('registry_variables');
  const variables: Record<string, string> = {};
  for (const name of section?.keys() ?? []) {
    const value = section?.raw(name);
    if (name === 'SUBMIT_REVIEW_MESSAGES') continue;
    if (typeof value === 'string' && /^[A-Za-z_]\w*$/.test(name)) variables[name] = value;
    else section?.warning(name, 'is passed over', 'only texts reach the programs of a bundle');
  }
  return variables;
}

function reportUnused(
  agent: ConfigSection,
  templates: ConfigSection,
  tools: ConfigSection,
  filter: ConfigSection | null,
): void {
  filter?.unused({ block_unless_regex: 'what it would refuse is run' });
  filter?.passOver();
  tools.unused({
    execution_timeout: TIMES,
    install_timeout: TIMES,
    total_execution_timeout: TIMES,
    max_consecutive_execution_timeouts: TIMES,
    propagate_env_variables: 'nothing of this machine reaches a sandbox: write values into env_variables',
    reset_commands: 'put what must be run into the image of the task',
  });
  for (const key of ['command_docs', 'multi_line_command_endings', 'submit_command_end_name']) tools.raw(key);
  tools.passOver();
  templates.unused({
    disable_image_processing: 'there are no images here',
    shell_check_error_template: 'the environment says what is wrong in its own words',
    command_cancelled_timeout_template: 'the environment says what it interrupted in its own words',
  });
  templates.passOver();
  agent.unused({
    model: 'the model is chosen when the agent is run',
    action_sampler: 'one answer is asked for at a time',
    max_requeries: 'outputs that cannot be used are asked for again as MLGym does it',
  });
  const type = agent.text('type');
  if (type !== null && type !== 'default' && type !== 'retry') {
    agent.warning('type', `${type} is read as default`, 'the model plays alone');
  }
  agent.raw('name');
  agent.passOver();
}
