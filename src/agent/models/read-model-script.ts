import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { actionReply } from './action-reply.js';
import { ModelError } from './model.js';
import { ModelFileError } from './model-file-error.js';
import { ScriptedModel, type ScriptedReply } from './scripted-model.js';

const Call = z.strictObject({
  id: z.string().optional(),
  name: z.string(),
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]),
});

const Reply = z.strictObject({
  text: z.string().optional(),
  reasoning: z.string().optional(),
  tool_calls: z.array(Call).optional(),
  refusal: z.string().optional(),
  finish_reason: z.string().optional(),
  cost_usd: z.number().min(0).optional(),
  error: z
    .enum([
      'context_window',
      'rate_limit',
      'server',
      'connection',
      'timeout',
      'unauthorized',
      'bad_request',
      'quota',
      'garbage',
    ])
    .optional()
    .describe('the call fails with this'),
});
type Reply = z.infer<typeof Reply>;

const Replies = z.strictObject({ name: z.string().optional(), replies: z.array(z.union([z.string(), Reply])).min(1) });
/** Recorded solutions of a pack: said in whatever dialect the agent speaks. */
const Actions = z.looseObject({ actions: z.array(z.string()).min(1) });

/**
 * Reads a script by hand: `{"replies": [...]}` with texts and `{"text", "reasoning", "tool_calls", "refusal", "finish_reason", "cost_usd",
 * "error"}`, or recorded `{"actions": [...]}`.
 * @throws ModelFileError
 */
export async function readModelScript(file: string): Promise<ScriptedModel> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new ModelFileError(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
  const recorded = Actions.safeParse(json);
  if (recorded.success) return actionModel(recorded.data.actions);
  const script = Replies.safeParse(Array.isArray(json) ? { replies: json } : json);
  if (!script.success) throw ModelFileError.of(file, 'no script of a model', script.error);
  const replies = script.data.replies.map((reply) => (typeof reply === 'string' ? { text: reply } : reply));
  return new ScriptedModel(scriptOf(replies), { name: script.data.name });
}

/** @returns a model that plays recorded actions in their order, in the dialect of each request; for one episode */
function actionModel(actions: readonly string[]): ScriptedModel {
  return new ScriptedModel((request, call) => {
    const action = actions[call];
    if (action === undefined) throw new ModelError('exhausted', `The script has only ${actions.length} actions.`, 0);
    return actionReply(action, request, 'The next recorded action.');
  });
}

function scriptOf(replies: readonly Reply[]): (request: unknown, call: number) => ScriptedReply {
  return (_request, call) => {
    const reply = replies[call];
    if (!reply) throw new ModelError('exhausted', `The script has only ${replies.length} answers.`, 0);
    if (reply.error) throw new ModelError(reply.error, reply.text ?? `as the script says: ${reply.error}`, 1);
    return {
      text: reply.text,
      reasoning: reply.reasoning,
      toolCalls: reply.tool_calls?.map((call) => ({
        ...call,
        arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
      })),
      refusal: reply.refusal,
      finishReason: reply.finish_reason,
      costUsd: reply.cost_usd,
    };
  };
}
