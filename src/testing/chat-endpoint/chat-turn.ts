import { z } from 'zod';

const milliseconds = z.number().min(0);

const ScriptedCall = z.strictObject({
  id: z.string().optional(),
  name: z.string(),
  arguments: z.union([z.string(), z.record(z.string(), z.unknown())]).describe('an object is written as JSON'),
});

/** An answer, and what happens to it on its way. */
export const AnswerTurn = z.strictObject({
  text: z.string().nullable().optional().describe('null: the content is null'),
  reasoning: z.string().optional(),
  reasoning_field: z.enum(['reasoning_content', 'reasoning']).default('reasoning_content'),
  refusal: z.string().optional(),
  tool_calls: z.array(ScriptedCall).optional(),
  finish_reason: z.string().nullable().optional().describe('null: the endpoint never says'),
  usage: z
    .strictObject({ prompt_tokens: z.int(), completion_tokens: z.int(), cached_tokens: z.int().default(0) })
    .nullable()
    .optional()
    .describe('null: the endpoint does not say; unset: from the length of the texts'),
  first_token_ms: milliseconds.optional().describe('before the first piece; of a whole answer, before it'),
  token_ms: milliseconds.optional().describe('between two pieces'),
  piece_characters: z.int().positive().default(4).describe('of each streamed piece'),
  write_bytes: z.int().positive().optional().describe('of each write to the connection; unset: one event'),
  endless: z.literal(true).optional().describe('a text is streamed again and again'),
  cut: z
    .enum(['before_headers', 'within', 'before_done'])
    .optional()
    .describe('where the connection is broken; `within`: after half of the pieces, or of the bytes of a whole answer'),
  hold_open: z.literal(true).optional().describe('the connection is not ended after the answer'),
  content_type: z.string().optional(),
});
export type AnswerTurn = z.infer<typeof AnswerTurn>;

/** Any other response. */
export const StatusTurn = z.strictObject({
  status: z.int().min(200).max(599),
  code: z.string().optional().describe('of the error in the body, such as `context_length_exceeded`'),
  message: z.string().optional().describe('of the error in the body'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional().describe('sent instead of an error: a text as it is, anything else as JSON'),
  content_type: z.string().optional(),
  delay_ms: milliseconds.optional(),
});
export type StatusTurn = z.infer<typeof StatusTurn>;

/** What the stand-in does with one request: a text says it. */
export const ChatTurn = z.union([z.string(), StatusTurn, AnswerTurn]);
export type ChatTurn = z.input<typeof ChatTurn>;

/** A script by hand. */
export const ChatScript = z.union([
  z.array(ChatTurn).min(1),
  z.strictObject({ turns: z.array(ChatTurn).min(1), repeat: z.boolean().default(false) }),
]);
