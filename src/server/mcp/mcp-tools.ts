import { z } from 'zod';
import { type ResetResult, RpcError, type StepResult, TypedAction } from '../../protocol/index.js';
import { parseTyped } from '../openenv/openenv-action.js';
import { OpenEnvError } from '../openenv/openenv-frames.js';
import type { OpenEnvSession } from '../openenv/openenv-session.js';

/** A tool in the form of MCP. */
export interface Tool {
  name: string;
  description: string;
  inputSchema: Record<string, unknown>;
}

/** What came of a call: an observation, or an error that is not the tool's own. */
export interface ToolOutcome {
  result: ResetResult | StepResult | null;
  error: { error_type: 'execution_error' | 'invalid_args' | 'tool_not_found'; message: string } | null;
}

/** Starts an episode; the other tools are the typed forms of an action under their own names. */
const START = 'start_episode';

const START_ARGUMENTS = z.looseObject({
  task: z.string().optional().describe('env id; not needed when the server has one task or a default'),
  seed: z.int().min(0).optional(),
});

const DESCRIPTIONS: Record<TypedAction['type'], string> = {
  command:
    'Run a SWE-agent command line: shell text, or open, edit, search_dir, validate, submit and the rest as commands.',
  bash: 'Run shell text in the persistent shell of the episode.',
  open: 'Open a file, at a line if one is given.',
  goto: 'Move the window of the open file to a line.',
  scroll_up: 'Move the window of the open file up.',
  scroll_down: 'Move the window of the open file down.',
  create: 'Create a file and open it.',
  edit: 'Replace lines start_line to end_line of the open file; a faulty result is refused.',
  insert: 'Insert text after a line of the open file.',
  search_dir: 'Search a term in all files of a directory.',
  search_file: 'Search a term in a file.',
  find_file: 'Find files by name.',
  validate: 'Score the current work and go on.',
  submit: 'Score the current work and end the episode.',
  wait: 'Wait for the running command.',
  interrupt: 'End the running command.',
  skip: 'Give up the episode without a score.',
  exit: 'Give up the episode; the last valid work may be scored.',
};

const TOOLS: readonly Tool[] = [
  {
    name: START,
    description: 'Start an episode of a task; an earlier one of this session ends.',
    inputSchema: schemaOf(START_ARGUMENTS),
  },
  ...TypedAction.options.map((option) => {
    const name = option.shape.type.value;
    return {
      name,
      description: DESCRIPTIONS[name],
      inputSchema: schemaOf((option as z.ZodObject).omit({ type: true })),
    };
  }),
];

/** Every tool. */
export function toolList(): Tool[] {
  return [...TOOLS];
}

/** Calls a tool; what is wrong with the call is told, not thrown. Faults of the server are thrown. */
export async function callTool(
  session: OpenEnvSession,
  name: string,
  given: Record<string, unknown>,
): Promise<ToolOutcome> {
  if (!TOOLS.some((tool) => tool.name === name)) {
    return { result: null, error: { error_type: 'tool_not_found', message: `Tool not found: ${name.slice(0, 100)}` } };
  }
  try {
    if (name === START) return { result: await session.reset(given), error: null };
    const action = parseTyped({ ...given, type: name });
    if (session.episodeId === null) await session.reset({});
    return { result: await session.step(action), error: null };
  } catch (error) {
    if (!(error instanceof RpcError) && !(error instanceof OpenEnvError)) throw error;
    const { code, message } = OpenEnvError.from(error);
    return {
      result: null,
      error: { error_type: code === 'VALIDATION_ERROR' ? 'invalid_args' : 'execution_error', message },
    };
  }
}

function schemaOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' });
  return rest;
}
