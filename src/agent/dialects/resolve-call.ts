import { TypedAction } from '../../protocol/index.js';
import { type PythonValue, parsePythonJson } from '../../python/python-json.js';
import { closest } from '../../yaml/closest.js';
import type { CommandArgument } from '../config/agent-config.js';
import type { ToolCall } from '../models/model.js';
import { checkArgumentNames } from '../parsing/check-arguments.js';
import type { ArgumentValues } from '../parsing/command-line.js';
import { OutputFault } from '../parsing/output-fault.js';
import { schemaType, type Tool, type ToolAction } from './tool.js';

const SHOWN_LENGTH = 200;

function shown(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}...` : text;
}

function isOfType(value: PythonValue, type: string): boolean {
  switch (type) {
    case 'integer':
      return typeof value === 'object' && value !== null && 'kind' in value && Number.isInteger(value.value);
    case 'number':
      return typeof value === 'object' && value !== null && 'kind' in value && Number.isFinite(value.value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return value instanceof Map;
    default:
      return typeof value === type;
  }
}

/** Says what is wrong with a value, or nothing. */
function valueProblem({ name, type, values }: CommandArgument, value: PythonValue): string | null {
  const wanted = schemaType(type);
  if (!isOfType(value, wanted)) return `"${name}" must be of type ${wanted}`;
  if (values && !(typeof value === 'string' && values.includes(value))) {
    return `"${name}" must be one of ${values.join(', ')}`;
  }
  return null;
}

/** Says what the protocol does not take, or nothing. */
function sentProblem({ sent }: ToolAction): string | null {
  const issue = sent === null || typeof sent === 'string' ? null : TypedAction.safeParse(sent).error?.issues[0];
  return issue ? `"${issue.path.join('.')}": ${issue.message}` : null;
}

function readArguments(call: ToolCall): ArgumentValues | OutputFault {
  // Endpoints send nothing at all for tools without arguments.
  const value = call.arguments.trim() === '' ? new Map() : parsePythonJson(call.arguments);
  const written = `what was written begins with: ${shown(call.arguments)}`;
  if (value === undefined) {
    return new OutputFault('format', 'invalid_json', `the arguments of ${call.name} are no JSON; ${written}`);
  }
  if (!(value instanceof Map)) {
    return new OutputFault('format', 'invalid_json', `the arguments of ${call.name} are no JSON object; ${written}`);
  }
  // Models that must name every argument say null for the ones they do not want.
  return new Map([...value].filter(([, given]) => given !== null));
}

/** @returns what a call of a tool does, or what is wrong with the call */
export function resolveCall(tools: ReadonlyMap<string, Tool>, call: ToolCall): ToolAction | OutputFault {
  const tool = tools.get(call.name);
  if (!tool) {
    const names = [...tools.keys()];
    const near = closest(call.name, names)[0];
    const hint = near === undefined ? '' : `, perhaps ${near} is meant`;
    const reason = `there is no tool "${shown(call.name)}"${hint}; known are ${names.join(', ')}`;
    return new OutputFault('format', 'invalid_command', reason);
  }
  const values = readArguments(call);
  if (values instanceof OutputFault) return values;
  const fault = checkArgumentNames(tool.arguments, new Set(values.keys()), tool.ignored);
  if (fault) return new OutputFault('format', fault.code, `the call of ${tool.name}: ${fault.reason}`);
  for (const argument of tool.arguments) {
    const value = values.get(argument.name);
    const problem = value === undefined ? null : valueProblem(argument, value);
    if (problem !== null) return new OutputFault('format', 'invalid_arg', `the call of ${tool.name}: ${problem}`);
  }
  const action = tool.act(values);
  const problem = sentProblem(action);
  return problem === null ? action : new OutputFault('format', 'invalid_arg', `the call of ${tool.name}: ${problem}`);
}
