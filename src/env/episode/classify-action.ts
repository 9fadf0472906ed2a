import type { Action, ExitReason } from '../../protocol/index.js';
import { pythonStrip } from '../../python/python-strip.js';
import type { ToolCall } from '../../sandbox/sandbox.js';
import { MALFORMED_EDIT, MALFORMED_INSERT } from '../observation/observation.js';
import { plainWords } from '../packs/plain-words.js';
import { actionFault } from './action-fault.js';
import type { EpisodeSettings } from './episode-options.js';
import { guardMultiline } from './guard-multiline.js';
import { TOOLS } from './tool-names.js';
import { toolLines, typedTool } from './typed-tool.js';

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
  | ShellPlan;

/** A text for the agent's shell. */
export interface ShellPlan {
  kind: 'shell';
  command: string;
  /** In seconds. */
  timeoutS: number;
  /** Is run before it, and must succeed; else what it showed is all there is. */
  first?: { text: string; timeoutS: number };
  /** The answer while a file is open, to a command whose text has no end: it is parsed then, and not run. */
  unended?: string;
}

interface Choices extends Pick<EpisodeSettings, 'compat' | 'step_timeout_s' | 'training_timeout_s'> {
  /** SWE-agent's commands that are another's in the shell. */
  shadowed: readonly string[];
}

/** Commands of one line. */
const LINE_TOOLS: ReadonlySet<string> = new Set(TOOLS.filter((name) => name !== 'edit' && name !== 'insert'));

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
      // Not a form of MLGym's: what its lines suffer, this does not.
      return shell(
        pythonStrip(guardMultiline(action.command, 'fixed')),
        { ...choices, compat: 'fixed' },
        action.timeout_s,
      );
    case 'wait':
      return { kind: 'wait', timeoutMs: action.timeout_s === undefined ? null : action.timeout_s * 1000 };
    case 'exit':
      return action.reason === 'forfeit' ? { kind: 'forfeit' } : { kind: 'give_up', reason: `exit_${action.reason}` };
    case 'interrupt':
    case 'skip':
    case 'validate':
    case 'submit':
      return { kind: action.type };
    default: {
      const tool = typedTool(action);
      const isShadowed = ({ name }: ToolCall): boolean => choices.shadowed.includes(name);
      const isOther = tool.calls.some(isShadowed) || (tool.path !== null && choices.shadowed.includes('open'));
      return isOther ? shell(toolLines(tool), choices) : { kind: 'tool', ...tool };
    }
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
  const unended = UNENDED.find(({ head, end }) => head.test(line) && !hasLine(line, end))?.text;
  if (unended !== undefined && choices.compat === 'fixed') return { kind: 'observe', text: unended };
  const plan = shell(line, choices, timeoutS);
  // A here-document that ends in the middle of the check is MLGym's, whatever the command.
  if (plan.kind !== 'shell' || plan.first) return plan;
  return unended === undefined ? (wholeCommand(line, choices.shadowed) ?? plan) : { ...plan, unended };
}

/**
 * Commands that take their text from the lines below, as far as their first line tells. MLGym hangs where the end word
 * is missing, and ends the episode.
 */
const UNENDED = [
  { head: /^edit\s+\d+:\d+(?:\s[^\n<]*)?(?:\n|$)/, end: 'end_of_edit', text: MALFORMED_EDIT },
  { head: /^insert\s+\d+(?:\s[^\n<]*)?(?:\n|$)/, end: 'end_of_insert', text: MALFORMED_INSERT },
];

function hasLine(text: string, line: string): boolean {
  return text.split('\n').some((other) => other.trimEnd() === line);
}

/**
 * MLGym's syntax check: the text in a here-document that ends at the first line `EOF`, wherever that stands. What comes
 * after it is run, and the last `EOF` is no command.
 */
function mlgymCheck(command: string): string {
  return `/bin/bash -n <<'EOF'\n${command}\nEOF\n`;
}

function shell(command: string, choices: Choices, own?: number): ShellPlan | Extract<Plan, { kind: 'observe' }> {
  // MLGym's shell ignores the signal that `exit` alone sends.
  if (command === '' || command === 'exit') return { kind: 'observe', text: '' };
  const long = LONG_WORDS.some((word) => command.includes(word));
  const chosen = long ? choices.training_timeout_s : choices.step_timeout_s;
  const timeoutS = own === undefined ? chosen : Math.min(own, Math.max(choices.training_timeout_s, chosen));
  const isCut = choices.compat === 'mlgym' && /(?:^|\n)EOF(?:\n|$)/.test(command);
  const first = { text: mlgymCheck(command), timeoutS: Math.min(timeoutS, choices.step_timeout_s) };
  return { kind: 'shell', command, timeoutS, ...(isCut && { first }) };
}

/** The fast path: an action that is one SWE-agent command and nothing else. */
function wholeCommand(line: string, shadowed: readonly string[]): Plan | null {
  if (!line.includes('\n')) {
    const [name = '', ...args] = plainWords(line) ?? [];
    if (name === 'submit' || name === 'validate') return { kind: name };
    if (!LINE_TOOLS.has(name) || shadowed.includes(name)) return null;
    return { kind: 'tool', path: null, calls: [{ name, args }] };
  }
  const block =
    /^(?<head>(?<name>edit|insert)(?:[ \t][^\n]*)?) << '(?<end>end_of_(?:edit|insert))'\n(?<body>[\s\S]*)$/.exec(line);
  const { head = '', name = '', end = '', body = '' } = block?.groups ?? {};
  if (!block || end !== `end_of_${name}` || shadowed.includes(name)) return null;
  const text = `\n${body}\n`;
  const stop = text.indexOf(`\n${end}\n`);
  if (stop < 0 || stop + end.length + 2 < text.length) return null;
  const words = plainWords(head);
  return words && { kind: 'tool', path: null, calls: [{ name, args: words.slice(1), stdin: text.slice(1, stop + 1) }] };
}
