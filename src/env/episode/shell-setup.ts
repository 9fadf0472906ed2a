import type { RpcError } from '../../protocol/index.js';
import type { CommandResult, PutFile, ToolVariables } from '../../sandbox/sandbox.js';
import { ACTION_TEXT_BYTES, OVERLAP, SETUP_TIMEOUT_MS, WINDOW } from '../limits.js';
import { outputText } from '../observation/observation.js';
import { isUncarried } from './action-fault.js';
import { COMMANDS_DIRECTORY, installedCommands, RESERVED_COMMANDS } from './command-files.js';
import type { EpisodeSettings } from './episode-options.js';
import { resetFault } from './reset-fault.js';
import { shellQuote } from './shell-quote.js';
import { TOOLS } from './tool-names.js';
import { viewerNumber } from './viewer-number.js';

/** What MLGym's shell gets from its aliases file. */
const MLGYM_ALIASES =
  "shopt -s expand_aliases; alias ll='ls -alF'; alias la='ls -A'; alias l='ls -CF'; alias ls='ls -F'";

/** Status with which the first part of a set-up fails; the others count on. Bash itself gives 1. */
const FIRST_FAULT = 2;
/** What all parts fail with that no status is left for. */
const LAST_FAULT = 255;

interface Part {
  /** Option that it comes from. */
  option: string;
  text: string;
}

/** What a shell of an episode differs in from one that was just started. */
export class ShellSetup {
  /** To put into the sandbox before `text` is run. */
  readonly files: readonly PutFile[];
  /** For the shell; null when there is nothing to do in it. */
  readonly text: string | null;
  /** For SWE-agent's commands; null when they are as they should be. */
  readonly variables: ToolVariables | null;
  /** Whether the shell has commands or variables that the client brought. */
  readonly isCustom: boolean;
  readonly #parts: readonly Part[];
  readonly #programs: readonly string[];

  /** @throws RpcError `invalid_params` when a command file cannot be installed, or a text cannot be given to a shell */
  constructor({ compat, window, variables, command_files, state_command }: EpisodeSettings) {
    const { files, sourced, programs } = installedCommands(command_files);
    const parts: Part[] = [
      ...(state_command ? [{ option: 'state_command.code', text: state_command.code }] : []),
      ...Object.entries(variables).map(([name, value]) => ({ option: `variables.${name}`, text: `${name}=${value}` })),
      ...sourced.map(({ index, path }) => ({ option: `command_files.${index}`, text: `builtin source ${path}` })),
    ];
    for (const { option, text } of parts) {
      if (isUncarried(text)) throw resetFault(option, 'it holds a NUL character or half of a surrogate pair');
    }
    const overlap = viewerNumber(variables.OVERLAP) ?? OVERLAP;
    const aliases = compat === 'mlgym' ? [MLGYM_ALIASES] : [];
    this.files = files;
    this.isCustom = parts.length > 0 || files.length > 0;
    this.text = this.isCustom ? customText(aliases, parts, files.length > 0) : (aliases[0] ?? null);
    const bytes = Buffer.byteLength(JSON.stringify(this.text));
    if (bytes > ACTION_TEXT_BYTES) {
      throw resetFault(
        'variables',
        `with the state command they take ${bytes} bytes of the ${ACTION_TEXT_BYTES} that they may have`,
      );
    }
    const viewer = { WINDOW: window, OVERLAP: overlap };
    const isUsual = window === WINDOW && overlap === OVERLAP;
    this.variables = compat === 'mlgym' ? { ...viewer, QUIRKS: 1 } : isUsual ? null : viewer;
    this.#parts = parts;
    this.#programs = programs;
  }

  /** Why a run of `text` did not do what it was to do; null when it did. */
  fault(result: CommandResult): RpcError | null {
    if (!this.isCustom || (result.status === 'exited' && result.exitCode === 0)) return null;
    const status = result.exitCode ?? LAST_FAULT;
    const part = status < LAST_FAULT ? this.#parts[status - FIRST_FAULT] : undefined;
    const said = outputText(result);
    const shown = said === '' ? '' : ` It printed:\n${said}`;
    if (result.status === 'exited' && part) return resetFault(part.option, `bash did not take it.${shown}`);
    const what =
      result.status === 'timed_out'
        ? `took longer than ${SETUP_TIMEOUT_MS / 1000} s`
        : result.status === 'exited'
          ? 'were not all taken by bash'
          : 'ended the shell';
    return resetFault('command_files', `the command files, variables and state command ${what}.${shown}`);
  }

  /** SWE-agent's commands that are another's in the shell that a run of `text` left. */
  shadowed(result: CommandResult): string[] {
    if (!this.isCustom) return [];
    const kinds = outputText(result).split('\n').slice(-TOOLS.length);
    return TOOLS.filter((name, index) => kinds[index] !== 'file' || this.#programs.includes(name));
  }
}

/**
 * Does one part after the other until one fails, whose number is then the status; at last says for each of SWE-agent's commands what it
 * is. `submit` and `validate` stay the environment's.
 */
function customText(aliases: readonly string[], parts: readonly Part[], hasFiles: boolean): string {
  const reserved = RESERVED_COMMANDS.join(' ');
  const branches = parts.map(({ text }, index) => {
    const status = Math.min(FIRST_FAULT + index, LAST_FAULT);
    return `${index === 0 ? 'if' : 'elif'} ! builtin eval ${shellQuote(text)}; then (exit ${status})`;
  });
  const last = `builtin unset -f ${reserved}; builtin unalias ${reserved} 2>/dev/null; builtin type -t ${TOOLS.join(' ')}`;
  return [
    ...aliases,
    ...(hasFiles ? [`PATH=${COMMANDS_DIRECTORY}:$PATH`] : []),
    ...(branches.length > 0 ? [branches.join('\n'), `else ${last}`, 'fi'] : [last]),
  ].join('\n');
}
