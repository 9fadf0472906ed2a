import type { Action, ExitReason, TypedAction } from '../../protocol/index.js';
import { pythonStrip } from '../../python/python-strip.js';
import type { ToolCall } from '../../sandbox/sandbox.js';
import { MALFORMED_EDIT, MALFORMED_INSERT } from '../observation/observation.js';
import { plainWords } from '../packs/plain-words.js';
import { actionFault } from './action-fault.js';
import type { EpisodeSettings } from './episode-options.js';
import { guardMultiline } from './guard-multiline.js';

/** What an action asks for. */
export type Plan =
  /** An answer that needs no sandbox. */
  | { kind: 'observe'; text: string }
  /** Goes on waiting for the running command, at most so long. */
  | { kind: 'wait'; timeoutMs: number | null }
  | { kind: 'interrupt' }
  | { kind: 'skip' }
  | { kind: 'forfeit' }
  /** The agent gives up for a reason of its own; what it has is scored. */
  | { kind: 'give_up'; reason: ExitReason }
  | { kind: 'validate' }
  | { kind: 'submit' }
  /** SWE-agent commands that run without a shell, each only after the one before it showed a file. */
  | { kind: 'tool'; path: string | null; calls: readonly ToolCall[] }
  | { kind: 'shell'; command: string; timeoutS: number };

type Choices = Pick<EpisodeSettings, 'compat' | 'step_timeout_s' | 'training_timeout_s'>;

const TOOLS: ReadonlySet<string> = new Set([
  'open',
  'goto',
  'scroll_up',
  'scroll_down',
  'create',
  'search_dir',
  'search_file',
  'find_file',
]);

/**
 * Words that choose the long limit, wherever they stand in the action: MLGym's rule. `python3` is covered by `python`.
 */
const LONG_WORDS = ['torchrun', 'python', 'accelerate', 'deepspeed'];

const GIVE_UPS: Readonly<Record<string, ExitReason>> = {
  exit_context: 'exit_context',
  exit_cost: 'exit_cost',
  exit_error: 'exit_error',
  exit_format: 'exit_format',
  exit_api: 'exit_api',
};

/**
 * Decides what an action asks for, in MLGym's order.
 * @param running whether a command still runs: only then the words `wait` and `interrupt` are ours and not the shell's
 */
export function classifyAction(action: Action, choices: Choices, running: boolean): Plan {
  const plan = planOf(action, choices, running);
  const fault = actionFault(plan);
  return fault === null ? plan : { kind: 'observe', text: fault };
}

function planOf(action: Action, choices: Choices, running: boolean): Plan {
  if (typeof action === 'string') return classifyLine(action, choices, running);
  switch (action.type) {
    case 'command':
      return classifyLine(action.command, choices, running, action.timeout_s);
    case 'bash':
      return shell(pythonStrip(guardMultiline(action.command, choices.compat)), choices, action.timeout_s);
    case 'wait':
      return { kind: 'wait', timeoutMs: action.timeout_s === undefined ? null : action.timeout_s * 1000 };
    case 'exit':
      return action.reason === 'forfeit' ? { kind: 'forfeit' } : { kind: 'give_up', reason: `exit_${action.reason}` };
    case 'interrupt':
    case 'skip':
    case 'validate':
    case 'submit':
      return { kind: action.type };
    default:
      return { kind: 'tool', ...typedTool(action) };
  }
}

function classifyLine(raw: string, choices: Choices, running: boolean, timeoutS?: number): Plan {
  const line = pythonStrip(guardMultiline(raw, choices.compat));
  if (running && line === 'wait') return { kind: 'wait', timeoutMs: null };
  if (running && line === 'interrupt') return { kind: 'interrupt' };
  if (line === 'skip') return { kind: 'skip' };
  if (line === 'exit_forfeit') return { kind: 'forfeit' };
  const reason = Object.hasOwn(GIVE_UPS, line) ? GIVE_UPS[line] : undefined;
  if (reason) return { kind: 'give_up', reason };
  if (/^edit\s+\d+:\d+(?:\s|$)/.test(line) && !line.includes('end_of_edit')) {
    return { kind: 'observe', text: MALFORMED_EDIT };
  }
  // MLGym hangs on this one and ends the episode.
  if (/^insert\s+\d+(?:\s|$)/.test(line) && !line.includes('end_of_insert')) {
    return { kind: 'observe', text: MALFORMED_INSERT };
  }
  return wholeCommand(line) ?? shell(line, choices, timeoutS);
}

function shell(command: string, choices: Choices, timeoutS?: number): Plan {
  // MLGym's shell ignores the signal that `exit` alone sends.
  if (command === '' || command === 'exit') return { kind: 'observe', text: '' };
  const long = LONG_WORDS.some((word) => command.includes(word));
  const chosen = long ? choices.training_timeout_s : choices.step_timeout_s;
  return {
    kind: 'shell',
    command,
    timeoutS: timeoutS === undefined ? chosen : Math.min(timeoutS, Math.max(choices.training_timeout_s, chosen)),
  };
}

/** The fast path: an action that is one SWE-agent command and nothing else. */
function wholeCommand(line: string): Plan | null {
  if (!line.includes('\n')) {
    const [name = '', ...args] = plainWords(line) ?? [];
    if (name === 'submit' || name === 'validate') return { kind: name };
    return TOOLS.has(name) ? { kind: 'tool', path: null, calls: [{ name, args }] } : null;
  }
  const block =
    /^(?<head>(?<name>edit|insert)(?:[ \t][^\n]*)?) << '(?<end>end_of_(?:edit|insert))'\n(?<body>[\s\S]*)$/.exec(line);
  const { head = '', name = '', end = '', body = '' } = block?.groups ?? {};
  if (!block || end !== `end_of_${name}`) return null;
  const text = `\n${body}\n`;
  const stop = text.indexOf(`\n${end}\n`);
  if (stop < 0 || stop + end.length + 2 < text.length) return null;
  const words = plainWords(head);
  return words && { kind: 'tool', path: null, calls: [{ name, args: words.slice(1), stdin: text.slice(1, stop + 1) }] };
}

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

function typedTool(action: ToolAction): { path: string | null; calls: ToolCall[] } {
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
