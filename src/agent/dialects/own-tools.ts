import type { TypedAction } from '../../protocol/index.js';
import { shellQuote } from '../../python/python-quote.js';
import type { CommandArgument } from '../config/agent-config.js';
import type { ArgumentValues } from '../parsing/command-line.js';
import type { Tool, ToolAction } from './tool.js';

function argument(name: string, type: string, required: boolean, description: string): CommandArgument {
  return { name, type, description, required };
}

const LINES = 'The file must have been opened before, or be named in path.';
const PATH_TO_EDIT = argument('path', 'string', false, 'File to change; without it the open file.');

/** Reads values whose types were checked. */
class Values {
  constructor(private readonly values: ArgumentValues) {}

  text(name: string): string {
    return this.optionalText(name) ?? '';
  }

  optionalText(name: string): string | undefined {
    const value = this.values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? 0;
  }

  optionalNumber(name: string): number | undefined {
    const value = this.values.get(name);
    return typeof value === 'object' && value !== null && 'kind' in value ? value.value : undefined;
  }
}

/** A command in words that a shell would read the same. */
function line(...words: readonly (string | number | undefined)[]): string {
  return words
    .filter((word) => word !== undefined)
    .map((word) => shellQuote(String(word)))
    .join(' ');
}

function block(head: string, text: string, end: string): string {
  return `${head}\n${text === '' || text.endsWith('\n') ? text : `${text}\n`}${end}`;
}

function own(
  name: string,
  description: string,
  args: readonly CommandArgument[],
  act: (values: Values) => { action: string; sent: TypedAction | null },
): Tool {
  return { name, description, arguments: args, ignored: null, act: (values): ToolAction => act(new Values(values)) };
}

/** A tool without arguments, whose name is its command. */
function plain(type: 'scroll_up' | 'scroll_down' | 'validate' | 'submit', description: string): Tool {
  return own(type, description, [], () => ({ action: type, sent: { type } }));
}

/** A search in the tree or in a file. */
function search(type: 'search_dir' | 'search_file', description: string, where: string): Tool {
  const args = [
    argument('term', 'string', true, 'What to look for: a basic regular expression, as grep takes it.'),
    argument('path', 'string', false, where),
  ];
  return own(type, description, args, (values) => {
    const term = values.text('term');
    const path = values.optionalText('path');
    return { action: line(type, term, path), sent: { type, term, ...(path !== undefined && { path }) } };
  });
}

/** Runs shell text. The environment's commands may stand in it: models call `submit` this way too. */
export const BASH_TOOL = own(
  'bash',
  'Runs shell text in a bash that stays alive: directory, variables and functions are kept from call to call. There is no terminal, ' +
    'so programs that ask for input cannot be used.',
  [
    argument('command', 'string', true, 'What to run.'),
    argument('timeout_s', 'number', false, 'Seconds after which it is interrupted; the task has a limit of its own.'),
  ],
  (values) => {
    const command = values.text('command');
    const timeout = values.optionalNumber('timeout_s');
    return { action: command, sent: { type: 'bash', command, ...(timeout !== undefined && { timeout_s: timeout }) } };
  },
);

const open = own(
  'open',
  'Opens a file and shows a window of its lines with their numbers. The file stays the open one.',
  [
    argument('path', 'string', true, 'File to open.'),
    argument('line', 'integer', false, 'Line that the window moves to; without it the start of the file.'),
  ],
  (values) => {
    const path = values.text('path');
    const at = values.optionalNumber('line');
    return { action: line('open', path, at), sent: { type: 'open', path, ...(at !== undefined && { line: at }) } };
  },
);

const goto = own(
  'goto',
  'Moves the window of the open file to a line.',
  [argument('line', 'integer', true, 'Line to show.')],
  (values) => {
    const at = values.number('line');
    return { action: line('goto', at), sent: { type: 'goto', line: at } };
  },
);

const create = own(
  'create',
  'Makes a new file and opens it. A file that exists is left as it is.',
  [
    argument('path', 'string', true, 'File to make.'),
    argument('text', 'string', false, 'What it holds; without it one empty line.'),
  ],
  (values) => {
    const path = values.text('path');
    const text = values.optionalText('text');
    const head = line('create', path);
    if (text === undefined) return { action: head, sent: { type: 'create', path } };
    const action = block(`${head} << 'end_of_create'`, text, 'end_of_create');
    return { action, sent: { type: 'create', path, text } };
  },
);

const edit = own(
  'edit',
  'Replaces lines of a file and shows the result. Python files are checked: an edit that brings a syntax error is not made. ' +
    `Write indentation in full. ${LINES}`,
  [
    argument('start_line', 'integer', true, 'First line to replace.'),
    argument('end_line', 'integer', true, 'Last line to replace; it is replaced too.'),
    argument('text', 'string', true, 'What stands there instead; an empty text removes the lines.'),
    PATH_TO_EDIT,
  ],
  (values) => {
    const [start, end, text] = [values.number('start_line'), values.number('end_line'), values.text('text')];
    const path = values.optionalText('path');
    return {
      action: block(line('edit', `${start}:${end}`, path), text, 'end_of_edit'),
      sent: { type: 'edit', start_line: start, end_line: end, text, ...(path !== undefined && { path }) },
    };
  },
);

const insert = own(
  'insert',
  `Puts text behind a line of a file and shows the result. Python files are checked as with edit. ${LINES}`,
  [
    argument('line', 'integer', true, 'Line behind which the text goes; 0 puts it at the top.'),
    argument('text', 'string', true, 'What to put there.'),
    PATH_TO_EDIT,
  ],
  (values) => {
    const [at, text, path] = [values.number('line'), values.text('text'), values.optionalText('path')];
    return {
      action: block(line('insert', at, path), text, 'end_of_insert'),
      sent: { type: 'insert', line: at, text, ...(path !== undefined && { path }) },
    };
  },
);

const findFile = own(
  'find_file',
  'Lists the files of a name, in all directories below.',
  [
    argument('name', 'string', true, 'Name of the file, or a pattern such as *.py.'),
    argument('path', 'string', false, 'Directory to look in; without it the working directory.'),
  ],
  (values) => {
    const [name, path] = [values.text('name'), values.optionalText('path')];
    return {
      action: line('find_file', name, path),
      sent: { type: 'find_file', name, ...(path !== undefined && { path }) },
    };
  },
);

/** Ends the episode. */
export const SUBMIT_TOOL = plain(
  'submit',
  'Hands in what has been made and ends the episode. Call it once, when nothing is left to improve.',
);

/** The environment's own commands as tools, in the order in which models are told of them. */
export const OWN_TOOLS: readonly Tool[] = [
  BASH_TOOL,
  open,
  goto,
  plain('scroll_up', 'Moves the window of the open file up.'),
  plain('scroll_down', 'Moves the window of the open file down.'),
  create,
  edit,
  insert,
  search(
    'search_dir',
    'Finds the files below a directory whose lines match.',
    'Directory; without it the working directory.',
  ),
  search('search_file', 'Finds the lines of a file that match.', 'File; without it the open file.'),
  findFile,
  plain('validate', 'Scores what has been made so far and goes on. Costs one step.'),
  SUBMIT_TOOL,
];
