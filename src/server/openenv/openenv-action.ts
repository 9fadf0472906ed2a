import { z } from 'zod';
import { type Action, TypedAction } from '../../protocol/index.js';
import { isRecord, OpenEnvError } from './openenv-frames.js';

/** Far below what the schema of an action allows. */
const PLAIN_COMMAND_CHARACTERS = 1_000_000;
const TYPES: ReadonlySet<string> = new Set(TypedAction.options.map(({ shape }) => shape.type.value));

/** What an OpenEnv client asks for in a step. */
export type OpenEnvAction =
  | { kind: 'action'; action: Action }
  | { kind: 'list_tools' }
  | { kind: 'call_tool'; tool: string; arguments: Record<string, unknown> };

/**
 * Reads the fields of an action. `command` alone is a command line; with `type`, a typed form.
 * @throws OpenEnvError `VALIDATION_ERROR`
 */
export function parseOpenEnvAction(data: Record<string, unknown>): OpenEnvAction {
  const { metadata: _metadata, ...fields } = data;
  const { type, command } = fields;
  if (type === 'list_tools') return { kind: 'list_tools' };
  if (type === 'call_tool') return parseToolCall(fields);
  if (typeof type === 'string' && TYPES.has(type)) return { kind: 'action', action: parseTyped(fields) };
  if (type !== undefined && type !== null) {
    throw OpenEnvError.invalidField('type', `Input should be one of ${[...TYPES].join(', ')}`, type);
  }
  if (typeof command !== 'string') {
    throw OpenEnvError.invalidField(
      'command',
      command === undefined ? 'Field required' : 'Input should be a valid string',
      command,
    );
  }
  // The usual action needs no look at its other fields, because it has none.
  if (command.length < PLAIN_COMMAND_CHARACTERS && isAlone(fields)) return { kind: 'action', action: command };
  return { kind: 'action', action: parseTyped({ ...fields, type: 'command' }) };
}

function isAlone(fields: Record<string, unknown>): boolean {
  for (const name in fields) if (name !== 'command') return false;
  return true;
}

/**
 * The action of a call of one of the tools that are named after the typed forms.
 * @throws OpenEnvError `VALIDATION_ERROR`
 */
function parseToolCall({ tool_name, arguments: given }: Record<string, unknown>): OpenEnvAction {
  if (typeof tool_name !== 'string') throw OpenEnvError.invalidField('tool_name', 'Field required', tool_name);
  const parsed = typeof given === 'string' ? parseObject(given) : (given ?? {});
  if (!isRecord(parsed)) throw OpenEnvError.invalidField('arguments', 'Input should be a valid dictionary', given);
  return { kind: 'call_tool', tool: tool_name, arguments: parsed };
}

/** @throws OpenEnvError `VALIDATION_ERROR` */
export function parseTyped(fields: Record<string, unknown>): TypedAction {
  const present = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
  const parsed = TypedAction.safeParse(present);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({ type: 'value_error', loc: path, msg: message }));
  const text = errors.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
  throw new OpenEnvError('VALIDATION_ERROR', `Invalid action: ${text}`, { errors });
}

/**
 * The action as OpenEnv's `/schema` tells it. One flat object with one required field, because clients build forms from it and
 * fall back to plain text only then; the title is not "Action", which would switch clients to their tool mode.
 */
export const OpenEnvActionSchema = z
  .object({
    command: z
      .string()
      .describe('a SWE-agent command line: shell text, open, edit, search_dir..., validate, submit; may span lines'),
    type: z
      .enum([...TYPES] as [string, ...string[]])
      .optional()
      .describe('typed form of the action; default: command'),
    timeout_s: z.number().positive().optional().describe('time limit of this command in seconds'),
    path: z.string().optional().describe('file or directory of open, create, edit, insert, search_*, find_file'),
    line: z.int().optional().describe('line of open, goto, insert'),
    start_line: z.int().optional().describe('first line that edit replaces'),
    end_line: z.int().optional().describe('last line that edit replaces'),
    text: z.string().optional().describe('text of edit, insert, create'),
    term: z.string().optional().describe('what search_dir and search_file look for'),
    name: z.string().optional().describe('what find_file looks for'),
    reason: z.string().optional().describe('why exit gives up'),
    metadata: z.record(z.string(), z.unknown()).optional().describe('ignored'),
  })
  .meta({ title: 'CommandAction' });

function parseObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
