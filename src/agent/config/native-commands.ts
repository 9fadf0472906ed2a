import type { CommandArgument, CommandDefinition } from './agent-config.js';

function argument(name: string, type: string, required: boolean, description: string): CommandArgument {
  return { name, type, required, description };
}

function command(
  name: string,
  docstring: string,
  args: readonly CommandArgument[] = [],
  form: { signature?: string; endName?: string } = {},
): CommandDefinition {
  const usage = [name, ...args.map((arg) => (arg.required ? `<${arg.name}>` : `[<${arg.name}>]`))].join(' ');
  return { name, docstring, signature: form.signature ?? usage, endName: form.endName ?? null, arguments: args };
}

const directory = argument(
  'dir',
  'string',
  false,
  'where to look, everything below included; unset: the working directory',
);

/** The commands that every sandbox has, in the order in which agents are told of them. */
export const NATIVE_COMMANDS: readonly CommandDefinition[] = [
  command(
    'bash',
    'runs a command line, or a script of several lines, in the shell of the workspace',
    [
      argument(
        'command',
        'string',
        true,
        'what to run; directory, variables and functions of the shell last from one call to the next',
      ),
    ],
    { signature: '<command>' },
  ),
  command(
    'open',
    'shows a file in the viewer and makes it the open file',
    [
      argument('path', 'string', true, 'file to show'),
      argument('line_number', 'integer', false, 'line that should be in view; unset: the beginning of the file'),
    ],
    { signature: 'open "<path>" [<line_number>]' },
  ),
  command('goto', 'moves the view of the open file to a line', [
    argument('line_number', 'integer', true, 'line that should be in view'),
  ]),
  command('scroll_down', 'shows the next part of the open file'),
  command('scroll_up', 'shows the previous part of the open file'),
  command('create', 'makes an empty file and opens it; a file that is there already is only opened', [
    argument('filename', 'string', true, 'path of the file; its directory must exist'),
  ]),
  command('search_dir', 'counts, file by file, the lines that match a pattern', [
    argument(
      'search_term',
      'string',
      true,
      'pattern, a basic regular expression of grep; in quotes when it holds spaces',
    ),
    directory,
  ]),
  command('search_file', 'prints the lines of one file that match a pattern, with their numbers', [
    argument(
      'search_term',
      'string',
      true,
      'pattern, a basic regular expression of grep; in quotes when it holds spaces',
    ),
    argument('file', 'string', false, 'file to search; unset: the open file'),
  ]),
  command('find_file', 'lists files by name', [
    argument('file_name', 'string', true, 'name or shell pattern, such as "*.csv"'),
    directory,
  ]),
  command(
    'edit',
    'puts new lines in the place of the lines start_line to end_line of the open file, both included, and shows the result. The new lines end before a line that holds nothing but end_of_edit and are taken literally, spaces at their beginnings too. An edit that breaks the syntax of a Python file is reported and not kept',
    [
      argument('start_line', 'integer', true, 'first line to replace'),
      argument('end_line', 'integer', true, 'last line to replace'),
      argument('replacement_text', 'string', true, 'lines that take their place; none deletes'),
    ],
    { signature: 'edit <start_line>:<end_line>\n<replacement_text>\nend_of_edit', endName: 'end_of_edit' },
  ),
  command(
    'insert',
    'adds lines to the open file behind a line and shows the result. The new lines end before a line that holds nothing but end_of_insert; Python files are checked as by edit',
    [
      argument('line_number', 'integer', true, 'line behind which they go; 0: the top of the file'),
      argument('text_to_add', 'string', true, 'lines to add'),
    ],
    { signature: 'insert <line_number>\n<text_to_add>\nend_of_insert', endName: 'end_of_insert' },
  ),
  command('memory_write', 'keeps a note that later episodes of the task can read', [
    argument('content_str', 'string', true, 'the note, in quotes'),
  ]),
  command('memory_read', 'prints the two kept notes that are nearest to a question', [
    argument('query', 'string', true, 'what to look for, in quotes'),
  ]),
  command('validate', 'scores the submission as it is now; the episode goes on'),
  command('submit', 'hands in the submission for its final score and ends the episode'),
];

/** Commands that are the environment's business wherever they are written: no file of a configuration changes them. */
export const ENVIRONMENT_COMMANDS: ReadonlySet<string> = new Set(['submit', 'validate', 'exit_forfeit']);

/** Commands that read or move the view of a file; they share the open file and the current line. */
export const VIEWER_COMMANDS: ReadonlySet<string> = new Set([
  'open',
  'goto',
  'scroll_down',
  'scroll_up',
  'create',
  'edit',
  'insert',
  'search_file',
]);
