import path from 'node:path/posix';
import { type CommandClass, isDeterministic } from './command-class.js';
import type { RecordedStep } from './recording.js';
import { type ShellCommand, shellCommands } from './shell-commands.js';

/** Where MLGym works, and where its datasets lie there. */
export const WORKSPACE = '/home/agent/workspace';
const DATA = `${WORKSPACE}/data`;

/** Options that take the next word with them, so that it is no file. */
const TAKES_VALUE = /^-(?:n|c|name|type|maxdepth|mindepth|I|A|B|C|m|e|d|f|k|F|o)$/;

const ON_OPEN_FILE = /^(?:goto|scroll_up|scroll_down|edit|insert)$/;
const NO_FILES = new Set([
  'echo',
  'printf',
  'export',
  'declare',
  'sleep',
  'seq',
  'for',
  'true',
  'false',
  'exit',
  'alias',
]);
const PATTERN_FIRST = new Set([
  ...['search_dir', 'search_file', 'find_file', 'grep', 'egrep', 'fgrep', 'sed', 'awk', 'tr', 'chmod'],
]);

/**
 * Which files the recorded actions account for: starter files, and what commands made of them. Whatever else there is in the recording
 * was written by programs, whose work nobody can repeat.
 */
export class KnownFiles {
  readonly #known = new Set<string>();
  /** Copies of data. */
  readonly #data = new Set<string>();
  /** Starter files that nothing changed yet. */
  readonly #pristine: Set<string>;
  #programsRan = false;

  /** @param starterFiles relative to the workspace */
  constructor(starterFiles: readonly string[]) {
    this.#pristine = new Set(starterFiles.map((file) => path.join(WORKSPACE, file)));
    for (const file of starterFiles) {
      for (let at = path.join(WORKSPACE, file); at !== WORKSPACE; at = path.dirname(at)) this.#known.add(at);
    }
  }

  /** Whether a program or an evaluation ran in the recording so far: each may leave files. */
  get programsRan(): boolean {
    return this.#programsRan;
  }

  isKnown(file: string): boolean {
    return file === WORKSPACE || file === '/home/agent' || this.#known.has(file);
  }

  /** Whether a starter file is as the task has it, which need not be how the recording had it. */
  isPristine(file: string): boolean {
    return this.#pristine.has(file);
  }

  isData(file: string): boolean {
    return file === DATA || file.startsWith(`${DATA}/`) || this.#data.has(file);
  }

  /** Whether a file belongs to the image, such as a package, and not to the episode. */
  isOutside(file: string): boolean {
    return !file.startsWith('/home/agent/workspace') && !file.startsWith('/tmp/') && !this.isKnown(file);
  }

  /** Whether some file by this name is known, wherever it lies. */
  hasName(name: string): boolean {
    return [...this.#known].some((file) => path.basename(file) === name);
  }

  /** Takes note of a file that was put in place as the recording shows it. */
  add(file: string): void {
    this.#known.add(file);
    this.#pristine.delete(file);
  }

  /** Takes note of what a recorded action did to files. */
  note(step: RecordedStep, kind: CommandClass): void {
    if (!isDeterministic(kind)) this.#programsRan = true;
    if (step.observation.includes('\nFile updated.') && step.openFile !== null) this.#pristine.delete(step.openFile);
    const cwd = step.cwd ?? WORKSPACE;
    for (const command of commandsOf(step)) this.#noteCommand(command, cwd);
  }

  #noteCommand({ words: [name = '', ...rest], writes }: ShellCommand, cwd: string): void {
    for (const target of writes) this.add(path.resolve(cwd, target));
    const operands = rest.filter((word) => !word.startsWith('-')).map((word) => path.resolve(cwd, word));
    const last = operands.at(-1);
    if (name === 'create' || name === 'touch' || name === 'mkdir') for (const made of operands) this.add(made);
    else if ((name === 'cp' || name === 'mv') && last !== undefined && operands.length > 1) {
      const sources = operands.slice(0, -1);
      const made = [last, ...sources.map((source) => path.join(last, path.basename(source)))];
      if (sources.some((source) => this.isData(source))) for (const copy of made) this.#data.add(copy);
      else if (sources.every((source) => this.isKnown(source))) for (const copy of made) this.add(copy);
      if (name === 'mv') for (const source of sources) this.#known.delete(source);
    } else if (name === 'rm') for (const gone of operands) this.#known.delete(gone);
  }
}

/** The files that an action looks at or changes, as absolute paths; what `ls` and `find` list is named by its directory. */
export function filesOf(step: RecordedStep): string[] {
  const cwd = step.cwd ?? WORKSPACE;
  const files: string[] = [];
  for (const { words, writes } of commandsOf(step)) {
    const [name = '', ...rest] = words;
    const named = operandsOf(name, rest);
    const usesOpenFile = ON_OPEN_FILE.test(name) || (name === 'search_file' && named.length === 0);
    if (usesOpenFile && step.openFile !== null) files.push(step.openFile);
    for (const file of [...named, ...writes]) files.push(path.resolve(cwd, file));
  }
  return files;
}

function operandsOf(name: string, rest: readonly string[]): string[] {
  if (NO_FILES.has(name) || ON_OPEN_FILE.test(name)) return [];
  const takesValue = (option: string) => name !== 'sed' && TAKES_VALUE.test(option);
  const operands = rest.filter((word, i) => !word.startsWith('-') && !takesValue(rest[i - 1] ?? ''));
  if (name === 'open') return operands.slice(0, 1);
  return PATTERN_FIRST.has(name) ? operands.slice(1) : operands;
}

function commandsOf({ action, sent }: RecordedStep): ShellCommand[] {
  if (sent === null || typeof sent === 'string') return shellCommands(sent ?? action);
  if (sent.type === 'bash' || sent.type === 'command') return shellCommands(sent.command);
  const file = 'path' in sent ? [sent.path ?? ''] : [];
  return [{ words: [sent.type, ...file], writes: [] }];
}
