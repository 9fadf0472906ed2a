import { FormatFault, pythonFormat } from '../../python/python-format.js';
import type { AgentConfig, AgentTemplates, CommandDefinition } from './agent-config.js';
import { readBlockRules } from './block-rules.js';
import { checkTemplate, TASK_FIELDS } from './check-template.js';
import type { CheckoutFiles } from './checkout-files.js';
import { commandDocumentation, type DocumentationStyle } from './command-documentation.js';
import type { DocumentedCommand } from './command-file.js';
import type { ConfigSection } from './config-section.js';
import { exportedVariables } from './exported-variables.js';
import { historyClass, historyList } from './history-specs.js';
import { nativeCommands } from './native-command-list.js';
import { parserClass } from './parser-names.js';
import { installedFiles, readCommandFiles } from './read-command-files.js';
import { readDemonstrations } from './read-demonstrations.js';
import { readTemplates } from './read-templates.js';
import { readVariables } from './read-variables.js';
import { isNativeState } from './select-command-files.js';

type Format = 'gymsmith' | 'mlgym' | 'swe-agent-0';

/** What the formats call the same things. */
const NAMES = {
  gymsmith: { task: 'task_template', parser: 'output_parser', style: 'parser' },
  mlgym: { task: 'task_template', parser: 'output_parser', style: 'parser' },
  'swe-agent-0': { task: 'instance_template', parser: 'parse_function', style: 'parse_command' },
} as const;

const STYLES: ReadonlyMap<string, DocumentationStyle> = new Map([
  ['ParseCommandBash', 'short'],
  ['ParseCommandDetailed', 'detailed'],
]);

/** What only SWE-agent 0 has, and what becomes of it. */
const UNUSED = {
  summarizer_config: 'long observations are bounded by the environment instead',
  subroutine_types: 'agents do not call agents here',
  block_unless_regex: 'what it would refuse is run',
};

/**
 * Reads a configuration of MLGym, of SWE-agent 0, or of our own format, which has MLGym's fields and some more. Faults go where the
 * section sends them; with an error among them the result is of no use.
 */
export async function readFlatConfig(
  root: ConfigSection,
  format: Format,
  name: string,
  files: CheckoutFiles,
): Promise<Omit<AgentConfig, 'warnings'>> {
  const own = format === 'gymsmith';
  const names = NAMES[format];
  const tools = (format === 'swe-agent-0' ? root : root.section('tools')) ?? root.emptySection('tools');
  const variables = readVariables(tools);
  const read = await readCommandFiles(tools, files);
  const { commandFiles, hasOwnViewer } = installedFiles(tools, read);
  const natives = own ? nativeCommands(tools) : [];
  const documented = [...natives, ...read.flatMap((file) => file.commands)];
  const style = styleOf(tools, names.style);
  const commandDocs = commandDocumentation(documented, style, variables, root.source.faults);
  const { stateCommand, keys } = readState(tools, hasOwnViewer);
  const language = own ? languageOf(root) : 'python';
  const problem = format === 'swe-agent-0' ? ['issue', 'problem_statement', 'repo'] : [];
  const rules = { language, task: names.task, fixed: [...Object.keys(variables), ...problem], state: keys } as const;
  const templates = readTemplates(root, rules, true);
  const blocked = own && !tools.has('blocklist') ? null : readBlockRules(own ? 'mlgym' : format, tools);
  const known = ['command_docs', ...Object.keys(variables)];
  if (own) checkOwnFormatError(root, language, known);
  if (blocked) {
    known.push('name', 'action');
    checkTemplate(language, tools, 'blocklist_error_template', blocked.errorTemplate, known);
  }
  const config = {
    name,
    source: format,
    templateLanguage: language,
    templates: { ...templates, formatError: formatError(root, format, templates, commandDocs) },
    parser: parserClass(root, names.parser, own),
    history: own && root.has('history_processors') ? historyList(root) : historyClass(root),
    ...(await readDemonstrations(root, files)),
    commands: documented.map(plain),
    commandDocs,
    submitCommand: tools.text('submit_command') ?? 'submit',
    blocked,
    variables,
    commandFiles: own ? [...exportedVariables(variables), ...commandFiles] : commandFiles,
    stateCommand,
  } satisfies Omit<AgentConfig, 'warnings'>;
  tools.unused({ util_functions: 'functions that begin with _ are found in the command files' });
  if (format === 'swe-agent-0') root.unused(UNUSED);
  if (tools !== root) tools.passOver();
  root.passOver();
  return config;
}

function plain({ listsArguments: _, line: __, file: ___, ...command }: DocumentedCommand): CommandDefinition {
  return command;
}

function languageOf(root: ConfigSection): AgentConfig['templateLanguage'] {
  const name = root.text('template_language') ?? 'python';
  if (name !== 'jinja' && name !== 'python') {
    root.error('template_language', `is ${name}, which is no language of templates`, 'write python or jinja');
  }
  return name === 'jinja' ? 'jinja' : 'python';
}

function styleOf(section: ConfigSection, key: string): DocumentationStyle {
  const name = section.text(key) ?? 'ParseCommandBash';
  const style = STYLES.get(name);
  if (!style)
    section.error(key, `is ${name}, which documents no commands`, `write one of ${[...STYLES.keys()].join(', ')}`);
  return style ?? 'short';
}

/** Keys of the state are known from the code that prints it, as far as a look at it can tell. */
function readState(
  tools: ConfigSection,
  hasOwnViewer: boolean,
): { stateCommand: AgentConfig['stateCommand']; keys: readonly string[] } {
  const section = tools.section('state_command');
  const native = { stateCommand: null, keys: ['open_file', 'working_dir'] };
  if (section === null) return native;
  const name = section.text('name') ?? 'state';
  const code = section.required('code', 'write the shell function that prints the state');
  for (const key of ['docstring', 'end_name', 'arguments', 'signature']) section.raw(key);
  section.passOver();
  if (!/^[A-Za-z_]\w{0,63}$/.test(name))
    section.error('name', `is ${name}, which is no name of a function`, 'write state');
  if (code === '' || (isNativeState(code) && !hasOwnViewer)) return native;
  return { stateCommand: { name, code }, keys: [...code.matchAll(/\\?"(\w+)\\?"\s*:/g)].map(([, key = '']) => key) };
}

/** Ours is filled in when it is used, like every other prompt. */
function checkOwnFormatError(root: ConfigSection, language: AgentConfig['templateLanguage'], known: string[]): void {
  const template = root.text('format_error_template');
  if (template !== null) checkTemplate(language, root, 'format_error_template', template, [...TASK_FIELDS, ...known]);
}

/**
 * A format error text of one's own. MLGym and SWE-agent 0 fill it in once, with fields of the configuration; braces of the outcome
 * are doubled, since it is filled in again when it is used.
 */
function formatError(
  root: ConfigSection,
  format: Format,
  templates: AgentTemplates,
  commandDocs: string,
): string | null {
  const template = root.text('format_error_template');
  if (template === null || format === 'gymsmith') return template;
  const fields: Record<string, string> = {
    system_template: templates.system,
    [NAMES[format].task]: templates.task,
    next_step_template: templates.nextStep,
    next_step_no_output_template: templates.nextStepNoOutput,
    strategy_template: templates.strategy ?? 'None',
    demonstration_template: templates.demonstration ?? 'None',
    ...(format === 'swe-agent-0' && { command_docs: commandDocs }),
  };
  try {
    return pythonFormat(template, fields).replaceAll('{', '{{').replaceAll('}', '}}');
  } catch (error) {
    if (!(error instanceof FormatFault)) throw error;
    const remedy = `write {{ and }} for braces; known are ${Object.keys(fields).join(', ')}`;
    root.error('format_error_template', `cannot be filled in: ${error.message}`, remedy, error.offset);
    return null;
  }
}
