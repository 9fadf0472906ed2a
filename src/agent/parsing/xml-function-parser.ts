import { type PythonValue, parsePythonJson } from '../../python/python-json.js';
import { pythonStrip } from '../../python/python-strip.js';
import type { CommandDefinition } from '../config/agent-config.js';
import { checkArgumentNames } from './check-arguments.js';
import { createCommandLine } from './command-line.js';
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

/** A list that is written as one. */
function typed(command: CommandDefinition, name: string, text: string): PythonValue {
  if (command.arguments.find((argument) => argument.name === name)?.type !== 'array') return text;
  const value = parsePythonJson(text);
  return Array.isArray(value) ? value : text;
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
      const values = [...parameters].map(([key, value]) => [key, typed(command, key, value)] as const);
      return { thought, action: line(new Map(values)) };
    },
  };
}
