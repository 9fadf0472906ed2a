import type { TypedAction } from '../../protocol/index.js';
import type { ToolCall } from '../../sandbox/sandbox.js';
import { shellQuote } from './shell-quote.js';

type ToolAction = Extract<
  TypedAction,
  {
    type:
      | 'open'
      | 'goto'
      | 'scroll_up'
      | 'scroll_down'
      | 'create'
      | 'edit'
      | 'insert'
      | 'search_dir'
      | 'search_file'
      | 'find_file';
  }
>;

/** The SWE-agent commands that a typed action stands for. `path` is opened first. */
export function typedTool(action: ToolAction): { path: string | null; calls: ToolCall[] } {
  const call = (name: string, args: readonly (string | number | undefined)[], stdin?: string): ToolCall => ({
    name,
    args: args.filter((arg) => arg !== undefined).map(String),
    ...(stdin !== undefined && { stdin: ended(stdin) }),
  });
  switch (action.type) {
    case 'open':
      return { path: null, calls: [call('open', [action.path, action.line])] };
    case 'goto':
      return { path: null, calls: [call('goto', [action.line])] };
    case 'scroll_up':
    case 'scroll_down':
      return { path: null, calls: [call(action.type, [])] };
    case 'create': {
      const create = call('create', [action.path]);
      // Written through `edit`, and so with the rights of the agent and a look at its syntax.
      return { path: null, calls: action.text === undefined ? [create] : [create, call('edit', ['1:1'], action.text)] };
    }
    case 'edit': {
      const edit = call('edit', [`${action.start_line}:${action.end_line}`], action.text);
      return { path: action.path ?? null, calls: [edit] };
    }
    case 'insert':
      return { path: action.path ?? null, calls: [call('insert', [action.line], action.text)] };
    case 'search_dir':
    case 'search_file':
      return { path: null, calls: [call(action.type, [action.term, action.path])] };
    case 'find_file':
      return { path: null, calls: [call('find_file', [action.name, action.path])] };
  }
}

/** A here-document's last line has a newline too. */
function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}

/** The same as shell text, for commands that are another's in the shell. */
export function toolLines({ path, calls }: { path: string | null; calls: readonly ToolCall[] }): string {
  const all = path === null ? calls : [{ name: 'open', args: [path] }, ...calls];
  return all.map(toolLine).join('\n');
}

function toolLine({ name, args, stdin }: ToolCall): string {
  const line = [name, ...args.map((arg) => (/^[\w.:/-]+$/.test(arg) ? arg : shellQuote(arg)))].join(' ');
  if (stdin === undefined) return line;
  let end = `end_of_${name}`;
  while (stdin.split('\n').includes(end)) end += '_';
  return `${line} << '${end}'\n${stdin}${end}`;
}
