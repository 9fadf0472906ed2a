import { Template } from '@huggingface/jinja';
import { pythonFormat } from '../../python/python-format.js';
import type { PythonValue } from '../../python/python-json.js';
import { shellQuote } from '../../python/python-quote.js';
import { pythonStr } from '../../python/python-repr.js';
import { pythonStrip } from '../../python/python-strip.js';
import type { CommandDefinition } from '../config/agent-config.js';

/** Values of a command's arguments, by name. */
export type ArgumentValues = ReadonlyMap<string, PythonValue>;

/** How a command is written whose definition does not say so. */
function signatureOf(command: CommandDefinition): string {
  if (command.signature !== null) return command.signature;
  const words = command.arguments.map(({ name }) => `<${name}>`);
  if (command.endName === null) return [command.name, ...words].join(' ');
  const text = words.pop() ?? '';
  return `${[command.name, ...words].join(' ')}\n${text}\n${command.endName}`;
}

/** Words that a shell reads as one are quoted; what goes to a command of many lines is taken as it stands. */
function written(command: CommandDefinition, value: PythonValue): string {
  const isWord = typeof value === 'string' && command.endName === null && command.name !== 'bash';
  return isWord ? shellQuote(value) : pythonStr(value);
}

/**
 * Writes a command line as MLGym's `JsonParser` does: brackets go, `<name>` becomes the value, a missing one nothing.
 * @throws FormatFault for a signature with braces that mean nothing
 */
export function mlgymCommandLine(
  command: CommandDefinition,
  lookUp: (name: string) => PythonValue | undefined,
): string {
  const format = signatureOf(command).replace(/[[\]]/g, '').replaceAll('<', '{').replaceAll('>', '}');
  const values = [...format.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => {
    const value = lookUp(name);
    return [name, value === undefined ? '' : written(command, value)] as const;
  });
  return pythonStrip(pythonFormat(format, Object.fromEntries(values)));
}

/** Values that a shell reads are quoted already. */
const QUOTED = /"(\[?<[A-Za-z_][\w-]*>\]?)"/g;

/** A list reaches the template as one, so that it can be joined. */
function forTemplate(command: CommandDefinition, value: PythonValue): string | string[] {
  return Array.isArray(value) ? value.map(pythonStr) : written(command, value);
}

type CommandLine = (values: ArgumentValues) => string;

function compile(command: CommandDefinition): CommandLine {
  const bare = command.endName === null ? signatureOf(command).replace(QUOTED, '$1') : signatureOf(command);
  const format = bare.replace(/\[?<([A-Za-z_][\w-]*)>\]?/g, '{$1}');
  const forms = command.arguments.map(({ name, type, format: form }) => {
    if (!form) return { name, form: null };
    const template = new Template(form);
    template.render({ value: type === 'array' ? ['x'] : 'x' });
    return { name, form: template };
  });
  const write = (values: ArgumentValues): string => {
    const texts = forms.map(({ name, form }) => {
      const value = values.get(name) ?? null;
      if (value === null) return [name, ''];
      const given = forTemplate(command, value);
      return [name, form ? form.render({ value: given }) : typeof given === 'string' ? given : pythonStr(value)];
    });
    return pythonStrip(pythonFormat(format, Object.fromEntries(texts)));
  };
  write(new Map());
  return write;
}

/**
 * Makes what writes a command's lines as SWE-agent 1 does: `<name>`, `[<name>]` and `{name}` become the value, each in the form
 * that its argument asks for; one that is missing or null becomes nothing.
 * @throws Error for a signature or a form that is no template
 */
export function createCommandLine(command: CommandDefinition): CommandLine {
  try {
    return compile(command);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new Error(`the signature of the command ${command.name} cannot be filled in: ${problem}`, { cause: error });
  }
}
