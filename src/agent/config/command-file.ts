import { basename } from 'node:path';
import { readYaml } from '../../yaml/yaml.js';
import type { CommandArgument, CommandDefinition } from './agent-config.js';
import type { ConfigFault } from './config-fault.js';
import { ConfigSection } from './config-section.js';

/** A command with what its documentation needs beyond its definition. */
export interface DocumentedCommand extends CommandDefinition {
  /** The documentation has a list of arguments, an empty one perhaps. */
  listsArguments: boolean;
  /** Where its docstring is, for messages. */
  file: string;
  line: number;
}

/** What MLGym and SWE-agent 0 read in a file of commands. */
export interface CommandFileText {
  /** As the configuration names it. */
  path: string;
  contents: string;
  /** True: a program. False: shell functions. */
  isProgram: boolean;
  /** In the order of the file, without those whose names begin with an underscore. */
  commands: readonly DocumentedCommand[];
  /** Names that begin with an underscore: functions, or the program itself. */
  hidden: readonly string[];
}

interface Comment {
  text: string;
  /** 1-based line where it begins, less one. */
  lineOffset: number;
}

const FUNCTION = /^\s*([A-Za-z_][\w.-]*)\(\) \{\s*$/;
const PROGRAM_COMMENT = /^#\s*@yaml\s*\n#.*(?:\n#.*)*/gm;

/** Commands of one file, read as `ParseCommandBash` of MLGym and SWE-agent 0 reads it. */
export function readCommandFile(path: string, contents: string, file: string, faults: ConfigFault[]): CommandFileText {
  const isProgram = contents.trimStart().startsWith('#!');
  const found = isProgram ? program(path, contents, file, faults) : functions(path, contents, file, faults);
  const hidden = found.filter(({ name }) => name.startsWith('_')).map(({ name }) => name);
  const commands = found.filter(({ name }) => !name.startsWith('_'));
  return { path, contents, isProgram, commands, hidden: isProgram ? [...hidden, ...utility(path)] : hidden };
}

/** A program without documentation is known to the shell by its name all the same. */
function utility(path: string): string[] {
  const name = programName(path);
  return name.startsWith('_') ? [name] : [];
}

/** Name by which a shell finds a program: without its last extension. */
export function programName(path: string): string {
  return basename(path).replace(/(.)\.[^.]*$/, '$1');
}

function functions(path: string, contents: string, file: string, faults: ConfigFault[]): DocumentedCommand[] {
  if (!path.endsWith('.sh') && !basename(path).startsWith('_')) {
    const problem = 'is neither a shell file nor a program';
    const remedy = 'name a file of shell functions .sh; begin a program with #! and its interpreter';
    faults.push({ severity: 'error', file, line: 1, field: null, problem, remedy });
    return [];
  }
  const lines = contents.split('\n');
  const commands: DocumentedCommand[] = [];
  let comment: { texts: string[]; lines: number[] } = { texts: [], lines: [] };
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line.startsWith('# ')) {
      comment.texts.push(line.slice(2));
      comment.lines.push(at + 1);
      continue;
    }
    if (!line.trim().endsWith('() {')) continue;
    const name = FUNCTION.exec(line)?.[1];
    const fault = (problem: string, remedy: string) =>
      faults.push({ severity: 'error', file, line: at + 1, field: null, problem, remedy });
    if (name === undefined) {
      fault('is a function whose name cannot be read', 'write name() { on one line, without the word function');
      continue;
    }
    const end = lines.findIndex((text, index) => index > at && text.trim() === '}');
    if (end < 0) {
      fault(`the function ${name} has no end`, 'write } on a line of its own');
      break;
    }
    // Comments that belong to it may be scattered: the lines of faults are those of the text that YAML gets to see.
    const blocks = comment.lines;
    const text = comment.texts.join('\n').replaceAll('@yaml', '');
    const command = definition(name, name, { text, lineOffset: 0 }, file, faults, (line) => blocks[line - 1] ?? at + 1);
    if (command) commands.push(command);
    comment = { texts: [], lines: [] };
    at = end;
  }
  return commands;
}

function program(path: string, contents: string, file: string, faults: ConfigFault[]): DocumentedCommand[] {
  const blocks = [...contents.matchAll(PROGRAM_COMMENT)];
  const fault = (line: number, problem: string, remedy: string) =>
    faults.push({ severity: 'error', file, line, field: null, problem, remedy });
  const [block, second] = blocks;
  const lineOf = (offset: number) => contents.slice(0, offset).split('\n').length;
  if (second) {
    fault(lineOf(second.index), 'is a second @yaml comment', 'keep one: a program is one command');
    return [];
  }
  if (!block) {
    if (!basename(path).startsWith('_')) {
      fault(1, 'has no @yaml comment', 'document the command, or begin the name of a file that is none with _');
    }
    return [];
  }
  const first = lineOf(block.index);
  const text = block[0].replace(/^#/gm, '').replaceAll('@yaml', '');
  const command = definition(programName(path), null, { text, lineOffset: first - 1 }, file, faults);
  if (command === null) fault(first, 'is an empty @yaml comment', 'document the command: docstring, arguments');
  return command ? [command] : [];
}

/**
 * @param signature of a command that is not documented
 * @returns null for a program whose comment is empty
 */
function definition(
  name: string,
  signature: string | null,
  comment: Comment,
  file: string,
  faults: ConfigFault[],
  place: (line: number) => number = (line) => line + comment.lineOffset,
): DocumentedCommand | null {
  const yaml = readYaml(comment.text);
  const command = {
    name,
    docstring: null,
    signature,
    endName: null,
    arguments: [],
    listsArguments: false,
    file,
    line: place(1),
  };
  if (yaml.value === null && yaml.errors.length === 0) return signature === null ? null : command;
  const own: ConfigFault[] = [];
  const section = ConfigSection.root({ file, yaml, faults: own });
  const args = section ? commandArguments(section) : null;
  const documented = section && {
    docstring: section.has('docstring') ? section.text('docstring') : null,
    endName: section.text('end_name'),
    signature: section.text('signature'),
    line: place(yaml.lineOf(['docstring'])),
  };
  if (section && !section.keys().includes('docstring')) {
    section.error('docstring', 'is missing', 'say in one line what the command does');
  }
  for (const fault of own)
    faults.push({ ...fault, line: fault.line === null ? null : place(fault.line), ...about(name, fault) });
  if (!documented) return command;
  const usage = [name, ...(args ?? []).map((arg) => (arg.required ? `<${arg.name}>` : `[<${arg.name}>]`))].join(' ');
  const composed = args === null ? signature : usage;
  return {
    ...command,
    ...documented,
    signature: documented.signature ?? composed,
    arguments: args ?? [],
    listsArguments: args !== null,
  };
}

/** Faults of a comment name the command that it documents. */
function about(name: string, fault: ConfigFault): Pick<ConfigFault, 'field' | 'problem'> {
  if (fault.field !== null) return { field: `${name}: ${fault.field}`, problem: fault.problem };
  return { field: name, problem: `its comment cannot be read: ${fault.problem}` };
}

function commandArguments(section: ConfigSection): CommandArgument[] | null {
  const list = section.section('arguments');
  if (list === null) return null;
  return list.keys().flatMap((name) => {
    const settings = list.section(name);
    if (settings === null) {
      if (!list.has(name)) list.error(name, 'is empty', 'give it a type, a description, and required: true or false');
      return [];
    }
    const text = (key: string) => settings.required(key, `write ${key}: ...`);
    const required = settings.has('required');
    if (!required) settings.error('required', 'is missing', 'write required: true or required: false');
    return [{ name, type: text('type'), description: text('description'), required: settings.flag('required', false) }];
  });
}
