import type { AgentConfig, CommandDefinition } from './agent-config.js';
import { carriedProgram, modulesOf } from './carried-program.js';
import type { ConfigSection } from './config-section.js';
import { ENVIRONMENT_COMMANDS, NATIVE_COMMANDS, VIEWER_COMMANDS } from './native-commands.js';
import type { ToolBundle } from './tool-bundle.js';

/** Where programs of SWE-agent 1 keep what they know from one call to the next; the default is a place of root's. */
const REGISTRY_FILE = '/tmp/.swe-agent-env';
/** State programs whose answer sandboxes give by themselves: the open file and the working directory. */
const NATIVE_STATE = ['_state', '_state_anthropic'];

/** Prints the state of SWE-agent 1's own viewer. */
const OWN_STATE = `state() {
  python3 -c '
import json, os
try:
    with open(os.environ.get("SWE_AGENT_ENV_FILE", "")) as file:
        kept = json.load(file)
except (OSError, ValueError):
    kept = {}
name = kept.get("CURRENT_FILE")
print(json.dumps({"open_file": os.path.realpath(name) if name else "n/a", "working_dir": os.getcwd()}))'
}`;

/** What of the bundles goes into a sandbox. */
export type InstalledTools = Pick<AgentConfig, 'commandFiles' | 'stateCommand'> & {
  /** Variables that the programs need. */
  variables: Record<string, string>;
};

/** A command that sandboxes have, under the name and with the arguments that SWE-agent gives it. */
function isNative({ name, arguments: args }: CommandDefinition): boolean {
  if (ENVIRONMENT_COMMANDS.has(name)) return true;
  const native = NATIVE_COMMANDS.find((candidate) => candidate.name === name);
  const names = (list: readonly { name: string }[]) => list.map((arg) => arg.name).join(' ');
  return native !== undefined && names(native.arguments) === names(args);
}

/**
 * Chooses the programs that a sandbox needs beside its own commands. One that has the name of a viewer's command, but takes other
 * arguments, works on a file that SWE-agent's own viewer opened: it brings all programs along.
 * @param section that has `bundles`
 */
export function selectTools(section: ConfigSection, bundles: readonly ToolBundle[]): InstalledTools {
  const own = bundles
    .flatMap(({ path, commands }, index) => commands.map((command) => ({ path, index, command })))
    .find(({ command }) => VIEWER_COMMANDS.has(command.name) && !isNative(command));
  if (own) {
    const problem = `${own.path} has another ${own.command.name} than sandboxes, so all tools run as SWE-agent's programs`;
    section.warning(
      ['bundles', own.index],
      problem,
      'use tools/windowed_edit_linting for commands that answer at once',
    );
  }
  const modules = new Map(bundles.flatMap((bundle) => [...bundle.modules]));
  const commandFiles: { name: string; contents: string }[] = [];
  let keepsState = false;
  for (const [index, bundle] of bundles.entries()) {
    const shipped = bundle.commands.filter((command) =>
      own ? !ENVIRONMENT_COMMANDS.has(command.name) : !isNative(command),
    );
    for (const { name } of shipped) {
      const program = bundle.programs.get(name);
      if (program === undefined) {
        section.error(
          ['bundles', index],
          `there is no program bin/${name} in ${bundle.path}`,
          'add it, or hide the tool',
        );
        continue;
      }
      keepsState ||= modulesOf(program, modules).has('registry');
      commandFiles.push({ name, contents: carriedProgram(program, modules) });
    }
    warnOfLosses(section, index, bundle, shipped.length > 0);
  }
  return {
    commandFiles,
    stateCommand: own ? { name: 'state', code: OWN_STATE } : null,
    variables: {
      ...(keepsState && { SWE_AGENT_ENV_FILE: REGISTRY_FILE }),
      ...(own && { WINDOW: '100', OVERLAP: '2' }),
    },
  };
}

function warnOfLosses(section: ConfigSection, index: number, bundle: ToolBundle, isShipped: boolean): void {
  const { path, stateCommand, hasInstaller, commands, programs } = bundle;
  if (hasInstaller && (isShipped || (commands.length === 0 && stateCommand === null && bundle.modules.size === 0))) {
    const remedy = 'what it installs must be in the image of the task';
    section.warning(['bundles', index], `${path}/install.sh is not run`, remedy);
  }
  if (stateCommand !== null && !NATIVE_STATE.includes(stateCommand)) {
    const remedy = 'templates get open_file and working_dir, and nothing for what it would add';
    section.warning(['bundles', index], `${path}: its state command ${stateCommand} is not run`, remedy);
  }
  if (commands.some(({ name }) => name === 'submit') && /review/i.test(programs.get('submit') ?? '')) {
    section.warning(['bundles', index], `${path}: submit asks for no review`, 'the environment hands in at once');
  }
}
