import { FormatFault } from '../../python/python-format.js';
import { type PythonValue, parsePythonJson } from '../../python/python-json.js';
import { pythonStr } from '../../python/python-repr.js';
import { pythonStrip } from '../../python/python-strip.js';
import type { CommandDefinition } from '../config/agent-config.js';
import { mlgymCommandLine } from './command-line.js';
import { JSON_FORMAT_TEXT } from './format-texts.js';
import { OutputFault } from './output-fault.js';
import type { ResponseParser } from './response-parser.js';

class Fault extends Error {
  constructor(
    readonly code: OutputFault['code'],
    message: string,
  ) {
    super(message);
  }
}

/**
 * Looks an argument up in whatever stands for the arguments. Python's `in` also takes lists and texts; what it finds there has no
 * value.
 */
function lookUp(given: PythonValue | undefined, name: string): PythonValue | undefined {
  if (given === undefined) return undefined;
  if (given instanceof Map) return given.get(name);
  const held = Array.isArray(given) || typeof given === 'string';
  if (!held || given.includes(name)) throw new Fault('invalid_arg', 'the arguments are not an object');
  return undefined;
}

/** A command that is not known: its name and the values, without a look at what they are. */
function freeLine(name: string, given: PythonValue | undefined): string {
  if (given === undefined) return pythonStrip(name);
  if (!(given instanceof Map)) throw new Fault('invalid_arg', 'the arguments are not an object');
  const values = [...given.values()];
  if (!values.every((value) => typeof value === 'string')) {
    throw new Fault('invalid_arg', 'an argument of a command that is not known is no text');
  }
  return pythonStrip(`${name} ${values.join(' ')}`);
}

function actionOf(commands: ReadonlyMap<string, CommandDefinition>, call: PythonValue): string {
  if (!(call instanceof Map)) throw new Fault('invalid_command', 'the command is not an object');
  const name = call.get('name');
  if (name === undefined) throw new Fault('missing_arg', 'the command has no name');
  if (typeof name !== 'string') throw new Fault('invalid_command', 'the name of the command is no text');
  const command = commands.get(name);
  const given = call.get('arguments');
  return command ? mlgymCommandLine(command, (argument) => lookUp(given, argument)) : freeLine(name, given);
}

/** An object with the thought and the command; commands that are known are written as their signatures say. */
export function createJsonParser(commands: readonly CommandDefinition[]): ResponseParser {
  const known = new Map(commands.map((command) => [command.name, command]));
  return {
    name: 'json',
    formatErrorTemplate: JSON_FORMAT_TEXT,
    parse: (text) => {
      const output = parsePythonJson(text);
      if (output === undefined) return new OutputFault('format', 'invalid_json', 'the output is no JSON');
      if (!(output instanceof Map)) return new OutputFault('format', 'invalid_json', 'the output is not an object');
      const thought = output.get('thought');
      const command = output.get('command');
      if (thought === undefined) return new OutputFault('format', 'missing', 'the thought is missing');
      if (command === undefined) return new OutputFault('format', 'missing', 'the command is missing');
      try {
        return { thought: thought === null ? '' : pythonStr(thought), action: actionOf(known, command) };
      } catch (error) {
        if (error instanceof Fault) return new OutputFault('format', error.code, error.message);
        if (error instanceof FormatFault) return new OutputFault('format', 'invalid_command', error.message);
        throw error;
      }
    },
  };
}
