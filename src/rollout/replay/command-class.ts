import type { RecordedStep } from './recording.js';
import { type ShellCommand, shellCommands } from './shell-commands.js';

/**
 * What an action does, as far as its observation is concerned. All but the last two answer alike whenever they find alike: they are
 * what a replay is judged by. `refused`: nothing was run, such as for an edit without end and for syntax errors.
 */
export const COMMAND_CLASSES = [
  'viewer',
  'edit',
  'search',
  'shell',
  'refused',
  'ending',
  'evaluation',
  'program',
] as const;
export type CommandClass = (typeof COMMAND_CLASSES)[number];

/** Whether equal files give equal observations. */
export function isDeterministic(kind: CommandClass): boolean {
  return kind !== 'program' && kind !== 'evaluation';
}

const TOOLS: Readonly<Record<string, CommandClass>> = {
  open: 'viewer',
  goto: 'viewer',
  scroll_up: 'viewer',
  scroll_down: 'viewer',
  create: 'edit',
  edit: 'edit',
  insert: 'edit',
  search_dir: 'search',
  search_file: 'search',
  find_file: 'search',
};

const ENDINGS = /^(?:submit\b.*|skip|exit_(?:forfeit|context|cost|error|format|api))$/;

/** Commands that say the same of the same files. */
const STEADY = new Set(
  (
    ': . [ [[ alias awk basename break bunzip2 bzip2 case cat cd chmod cmp continue cp cut declare dirname echo egrep esac eval ' +
    'exit export expr false fgrep file find fmt fold for function grep gunzip gzip head join l la let ll ln local ls mkdir mv nl od ' +
    'paste popd printf pushd pwd read readlink realpath return rev rm rmdir sed select seq set shift shopt sleep sort source split ' +
    'tac tail tar tee test touch tr trap tree true truncate type umask unalias uniq unset unzip wait wc xargs xxd zip'
  ).split(' '),
);

/** What differs from one run to the next though a steady command prints it. */
const UNSTEADY = /\$(?:RANDOM|SECONDS|BASHPID|PPID|SRANDOM|EPOCH\w+|[$!])|\/proc\/|\/dev\/u?random/;

const REFUSED =
  /^(?:Malformed (?:edit|insert) command\.|\/bin\/bash: (?:-c: )?line \d+: (?:unexpected EOF while|syntax error|`|warning: here-document))/;

/** Decides what a recorded action does. What the recording shows is asked only whether anything was run at all. */
export function commandClass({ action, sent, observation }: RecordedStep): CommandClass {
  if (sent !== null && typeof sent !== 'string') return typedClass(sent, observation);
  const text = (sent ?? action).trim();
  if (ENDINGS.test(text)) return 'ending';
  if (REFUSED.test(observation)) return 'refused';
  return textClass(text, observation);
}

function typedClass(sent: Exclude<RecordedStep['sent'], string | null>, observation: string): CommandClass {
  if (sent.type === 'bash' || sent.type === 'command') {
    return commandClass({ action: sent.command, sent: null, observation, openFile: null, cwd: null });
  }
  if (sent.type === 'submit' || sent.type === 'skip' || sent.type === 'exit') return 'ending';
  if (sent.type === 'validate') return 'evaluation';
  return TOOLS[sent.type] ?? 'program';
}

function textClass(text: string, observation: string): CommandClass {
  const commands = shellCommands(text).filter(({ words }) => words.length > 0);
  const names = commands.map(({ words: [name = ''] }) => name);
  if (names.some((name) => name === 'validate' || name === 'submit')) return 'evaluation';
  if (!commands.every((command) => steady(command, observation))) return 'program';
  const [only, ...others] = new Set(names.map((name) => TOOLS[name] ?? 'shell'));
  return only !== undefined && others.length === 0 ? only : 'shell';
}

function steady({ words: [name = '', ...rest] }: ShellCommand, observation: string): boolean {
  if (rest.some((word) => UNSTEADY.test(word))) return false;
  if (name in TOOLS) return true;
  if (name === 'xargs' || name === 'eval' || name === 'source' || name === '.') return false;
  if (name === 'find' && rest.some((word) => word === '-exec' || word === '-mmin' || word === '-newer')) return false;
  // Words of an answer that went to the shell are no commands, wherever they are run.
  return STEADY.has(name) || observation.includes(`: ${name}: command not found`);
}
