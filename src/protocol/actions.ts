import { z } from 'zod';

const line = z.int().min(0);
const path = z.string().min(1).max(4096);
const text = z.string().max(8 * 1024 * 1024);
const timeout = z
  .number()
  .positive()
  .max(7 * 24 * 3600)
  .optional();

/** The typed forms of an action. A string is the SWE-agent command line with the same meaning as `{type: 'command'}`. */
export const TypedAction = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('command'),
    command: text.describe('a SWE-agent command line: shell text, or open/edit/validate/submit... as commands'),
    timeout_s: timeout.describe('time limit of this command in seconds; never above the task allows'),
  }),
  z.object({
    type: z.literal('bash'),
    command: text.describe('shell text; SWE-agent commands may stand inside'),
    timeout_s: timeout,
  }),
  z.object({ type: z.literal('open'), path, line: line.optional() }),
  z.object({ type: z.literal('goto'), line }),
  z.object({ type: z.literal('scroll_up') }),
  z.object({ type: z.literal('scroll_down') }),
  z.object({ type: z.literal('create'), path, text: text.optional().describe('contents; without it an empty line') }),
  z.object({
    type: z.literal('edit'),
    path: path.optional().describe('opened first when it is not the open file'),
    start_line: line,
    end_line: line,
    text: text.describe('what replaces the lines start_line..end_line'),
  }),
  z.object({ type: z.literal('insert'), path: path.optional(), line, text }),
  z.object({ type: z.literal('search_dir'), term: z.string().min(1), path: path.optional() }),
  z.object({ type: z.literal('search_file'), term: z.string().min(1), path: path.optional() }),
  z.object({ type: z.literal('find_file'), name: z.string().min(1), path: path.optional() }),
  z.object({ type: z.literal('validate') }),
  z.object({ type: z.literal('submit') }),
  z.object({
    type: z.literal('wait'),
    timeout_s: timeout.describe('how long to wait for the running command before the next partial observation'),
  }),
  z.object({ type: z.literal('interrupt') }),
  z.object({ type: z.literal('skip') }),
  z.object({
    type: z.literal('exit'),
    reason: z.enum(['forfeit', 'context', 'cost', 'error', 'format', 'api']).describe('why the agent gives up'),
  }),
]);
export type TypedAction = z.infer<typeof TypedAction>;

/** What an agent may do in one step. */
export const Action = z.union([text, TypedAction]);
export type Action = z.infer<typeof Action>;
