import { type PythonValue, parsePythonJson } from '../../python/python-json.js';
import { pythonStrip } from '../../python/python-strip.js';
import type { CommandDefinition } from '../config/agent-config.js';
import { checkArgumentNames } from './check-arguments.js';
import { type ArgumentValues, createCommandLine } from './command-line.js';
import { XML_FUNCTION_TEXT } from './format-texts.js';
import { OutputFault } from './output-fault.js';
import type { ResponseParser } from './response-parser.js';
import { findTagged } from './tagged-text.js';

/** Names that models learned elsewhere. */
const ALIASES: Readonly<Record<string, string>> = { execute_bash: 'bash', finish: 'submit' };

function parametersIn(body: string): Map<string, string> {
  const values = new Map<string, string>();
  for (let at = 0; ; ) {
    const found = findTagged(body, 'parameter', at, '');
    if (!found) return values;
    values.set(found.name, found.body.replace(/^\n/, '').replace(/\n$/, ''));
    at = found.end;
  }
}

/** Texts as they are; a list is written as JSON. */
function typedValues(command: CommandDefinition, given: ReadonlyMap<string, string>): ArgumentValues | OutputFault {
  const values = new Map<string, PythonValue>(given);
  for (const { name, type } of command.arguments) {
    const text = given.get(name);
    if (text === undefined || type !== 'array') continue;
    const value = parsePythonJson(text);
    if (!Array.isArray(value)) return new OutputFault('format', 'invalid_arg', `"${name}" must be a list in brackets`);
    values.set(name, value);
  }
  return values;
}

/** Calls of functions written as text: the first `<function=name>` with its `<parameter=name>` tags. */
export function createXmlFunctionParser(commands: readonly CommandDefinition[]): ResponseParser {
  const known = new Map(commands.map((command) => [command.name, { command, line: createCommandLine(command) }]));
  return {
    name: 'xml_function_calling',
    formatErrorTemplate: XML_FUNCTION_TEXT,
    parse: (text) => {
      const call = findTagged(text, 'function', 0, '\n');
      if (!call) return new OutputFault('format', 'missing', 'there is no call of a function');
      const name = pythonStrip(call.name);
      const wanted = Object.hasOwn(ALIASES, name) && !known.has(name) ? (ALIASES[name] ?? name) : name;
      const parameters = parametersIn(call.body);
      const thought = pythonStrip(text.slice(0, call.start) + text.slice(call.end));
      const found = known.get(wanted);
      if (!found) return new OutputFault('format', 'invalid_command', `there is no function "${name.slice(0, 80)}"`);
      const { command, line } = found;
      const fault = checkArgumentNames(command.arguments, new Set(parameters.keys()), command.endName);
      if (fault) return fault;
      const values = typedValues(command, parameters);
      return values instanceof OutputFault ? values : { thought, action: line(values) };
    },
  };
}
