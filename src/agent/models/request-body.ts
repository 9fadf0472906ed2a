import { type EndpointHabits, SAMPLING_FIELDS } from './endpoint-habits.js';
import type { AnswerWishes, ChatMessage, ModelRequest, ResponseFormat, ToolCall } from './model.js';
import type { OpenAiSettings } from './openai-settings.js';

/** @returns the body of a request, in the order of the API's documentation */
export function requestBody(
  request: ModelRequest,
  settings: OpenAiSettings,
  habits: EndpointHabits,
): Record<string, unknown> {
  const isStreamed = settings.stream ?? true;
  const maxTokens = request.maxTokens ?? settings.maxTokens;
  const tools = request.tools?.map((tool) => ({ type: 'function', function: tool }));
  return {
    model: settings.model,
    messages: request.messages.map((message) => wireMessage(message, settings.sendsReasoning ?? false)),
    ...(tools && tools.length > 0 && { tools }),
    ...(request.format && responseFormat(request.format, habits)),
    ...sampling(request, settings, habits),
    ...(maxTokens !== undefined && { [habits.maxTokensField]: maxTokens }),
    ...(settings.stop && settings.stop.length > 0 && { stop: settings.stop }),
    ...(isStreamed && { stream: true }),
    ...(isStreamed && habits.takesStreamOptions && { stream_options: { include_usage: true } }),
    ...settings.extraBody,
  };
}

function responseFormat({ name, schema, isStrict }: ResponseFormat, { format }: EndpointHabits) {
  if (format === 'none') return {};
  if (format === 'json_object') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { name, schema, strict: isStrict } } };
}

function sampling(request: AnswerWishes, settings: OpenAiSettings, { takes }: EndpointHabits): Record<string, number> {
  const wishes = { temperature: request.temperature, top_p: request.topP, seed: request.seed };
  const orders = { temperature: settings.temperature, top_p: settings.topP, seed: settings.seed };
  const sent: Record<string, number> = {};
  for (const field of SAMPLING_FIELDS) {
    const value = (takes[field] ? wishes[field] : undefined) ?? orders[field];
    if (value !== undefined) sent[field] = value;
  }
  return sent;
}

function wireMessage(message: ChatMessage, withReasoning: boolean): Record<string, unknown> {
  const content = wellFormed(message.content);
  if (message.role === 'tool') return { role: 'tool', tool_call_id: message.toolCallId, content };
  if (message.role !== 'assistant') return { role: message.role, content };
  const calls = message.toolCalls ?? [];
  return {
    role: 'assistant',
    content: content === '' && calls.length > 0 ? null : content,
    ...(withReasoning && message.reasoning && { reasoning_content: wellFormed(message.reasoning) }),
    ...(calls.length > 0 && { tool_calls: calls.map(wireCall) }),
  };
}

function wireCall({ id, name, arguments: args }: ToolCall): Record<string, unknown> {
  return { id, type: 'function', function: { name, arguments: readableArguments(args) } };
}

/** Chat templates of open models parse the arguments of earlier calls and fail where a model wrote no JSON. */
function readableArguments(args: string): string {
  try {
    const value: unknown = JSON.parse(args);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return wellFormed(args);
  } catch {
    // Said in another way below.
  }
  return args.trim() === '' ? '{}' : JSON.stringify({ malformed: wellFormed(args) });
}

/** Half a surrogate pair is no Unicode; strict parsers refuse the whole request for it. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd');
}
