import { z } from 'zod';
import { type ChatError, chatError } from './chat-error.js';
import { strictSchemaFault } from './strict-schema-fault.js';

const part = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(part)]);
const toolCall = z.looseObject({
  id: z.string().min(1),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string().regex(/^[\w-]{1,64}$/), arguments: z.string() }),
});

const Message = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('system'), content }),
  z.looseObject({ role: z.literal('developer'), content }),
  z.looseObject({ role: z.literal('user'), content }),
  z.looseObject({
    role: z.literal('assistant'),
    content: content.nullish(),
    tool_calls: z.array(toolCall).min(1).optional(),
  }),
  z.looseObject({ role: z.literal('tool'), content, tool_call_id: z.string() }),
]);

const ResponseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string().regex(/^[\w-]{1,64}$/),
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()),
      strict: z.boolean().nullish(),
    }),
  }),
]);

/** A request as the API takes it; fields that are not checked may be anything. */
export const ChatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(Message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: z.int().min(1).nullish(),
  max_completion_tokens: z.int().min(1).nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).nullish(),
  seed: z.int().nullish(),
  response_format: ResponseFormat.nullish(),
  tools: z
    .array(
      z.looseObject({
        type: z.literal('function'),
        function: z.looseObject({
          name: z.string().regex(/^[\w-]{1,64}$/),
          description: z.string().optional(),
          parameters: z.looseObject({ type: z.literal('object') }).optional(),
        }),
      }),
    )
    .min(1)
    .optional(),
});
export type ChatRequest = z.infer<typeof ChatRequest>;
type Message = ChatRequest['messages'][number];

/**
 * Reads a request as strictly as the API does.
 * @param json the parsed body
 */
export function readChatRequest(json: unknown): { request: ChatRequest } | { error: ChatError } {
  const parsed = ChatRequest.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const param = issue?.path.join('.') ?? '';
    return { error: refusal(`Invalid value for '${param}': ${issue?.message ?? 'unreadable'}`, param) };
  }
  const request = parsed.data;
  if (request.stream_options && !request.stream) {
    const message = "The 'stream_options' parameter is only allowed when 'stream' is enabled.";
    return { error: refusal(message, 'stream_options') };
  }
  if (request.max_tokens && request.max_completion_tokens) {
    const message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.";
    return { error: refusal(message, 'max_tokens') };
  }
  const format = formatFault(request);
  if (format !== null) return { error: format };
  const fault = pairingFault(request.messages);
  return fault === null ? { request } : { error: fault };
}

function formatFault({ response_format: format, messages }: ChatRequest): ChatError | null {
  if (format?.type === 'json_object' && !messages.some((message) => /json/i.test(messageText(message)))) {
    const message =
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.";
    return refusal(message, 'messages');
  }
  if (format?.type !== 'json_schema' || !format.json_schema.strict) return null;
  const fault = strictSchemaFault(format.json_schema.schema);
  if (fault === null) return null;
  return refusal(`Invalid schema for response_format '${format.json_schema.name}': ${fault}`, 'response_format');
}

/** Every tool message answers a call of the assistant message before it, and every call is answered. */
function pairingFault(messages: readonly Message[]): ChatError | null {
  let open = new Set<string>();
  for (const [i, message] of messages.entries()) {
    if (message.role === 'tool') {
      if (open.delete(message.tool_call_id)) continue;
      return refusal(
        "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
        `messages.[${i}].role`,
      );
    }
    if (open.size > 0) return unanswered(open, i);
    if (message.role !== 'assistant') continue;
    if (!message.tool_calls && typeof message.content !== 'string' && !Array.isArray(message.content)) {
      return refusal(`Invalid value for 'content': expected a string, got null.`, `messages.[${i}].content`);
    }
    open = new Set(message.tool_calls?.map(({ id }) => id));
  }
  return open.size > 0 ? unanswered(open, messages.length) : null;
}

function unanswered(ids: ReadonlySet<string>, at: number): ChatError {
  const message = `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${[...ids].join(', ')}`;
  return refusal(message, `messages.[${at}].role`);
}

function refusal(message: string, param: string): ChatError {
  return chatError(400, { message, param });
}

/** @returns the text of a message, whatever form its content has */
export function messageText(message: Message): string {
  if (typeof message.content === 'string') return message.content;
  return (message.content ?? []).map((piece) => (typeof piece.text === 'string' ? piece.text : '')).join('');
}
