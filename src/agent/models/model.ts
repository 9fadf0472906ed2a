/** One message of a chat, as models take it. */
export type ChatMessage =
  | { role: 'system' | 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: readonly ToolCall[]; reasoning?: string | null }
  | { role: 'tool'; content: string; toolCallId: string };

/** A function that a model may call. */
export interface ToolDefinition {
  name: string;
  description: string;
  /** JSON schema of the arguments, an object. */
  parameters: Readonly<Record<string, unknown>>;
}

/** A call that a model asked for. */
export interface ToolCall {
  id: string;
  name: string;
  /** As the model wrote them; they may be no JSON. */
  arguments: string;
}

/** The form that an answer is to have. What an endpoint does not take of it is left out: the words of the chat must say it too. */
export interface ResponseFormat {
  /** Letters, digits, `_` and `-`, at most 64. */
  name: string;
  /** JSON schema of an object. */
  schema: Readonly<Record<string, unknown>>;
  /** Whether the schema keeps the rules under which endpoints enforce it. */
  isStrict: boolean;
}

/** How one answer is made. What is unset is as the model is set up. Wishes: what an endpoint refuses is left out. */
export interface AnswerWishes {
  format?: ResponseFormat;
  temperature?: number;
  topP?: number;
  /** Most tokens of the answer. */
  maxTokens?: number;
  seed?: number;
}

/** One question to a model. */
export interface ModelRequest extends AnswerWishes {
  messages: readonly ChatMessage[];
  /** Unset: none. */
  tools?: readonly ToolDefinition[];
  signal?: AbortSignal;
  /** Takes the text as it arrives, where the model streams. After `onRetry` it begins anew. */
  onText?: (delta: string) => void;
  /** Takes the thinking as it arrives, where the endpoint shows it. */
  onReasoning?: (delta: string) => void;
  /** An attempt failed and another follows; what came of the failed one is void. */
  onRetry?: (failure: FailedAttempt) => void;
}

/** A request to an endpoint that brought no answer and is sent again. */
export interface FailedAttempt {
  code: ModelErrorCode;
  /** What happened, for people; names no key. */
  reason: string;
  /** How many requests were sent so far. */
  attempt: number;
  /** Milliseconds until the next one. */
  waitMs: number;
}

/** What a call took. */
export interface ModelUsage {
  inputTokens: number;
  /** Of the input tokens, those that were read from the endpoint's prompt cache. */
  cachedInputTokens: number;
  outputTokens: number;
  /** True when the endpoint did not say and the numbers come from the length of the texts. */
  estimated: boolean;
}

/** What a model answered. */
export interface ModelReply {
  /** Empty when it said nothing. */
  text: string;
  /** Its thinking, where the endpoint shows it. */
  reasoning: string | null;
  toolCalls: readonly ToolCall[];
  /** `stop`, `length`, `tool_calls`, `content_filter`, or what else the endpoint said. */
  finishReason: string | null;
  /** Words with which the model refused, where the endpoint marks them. */
  refusal: string | null;
  usage: ModelUsage;
  /** Null when no price is known. */
  costUsd: number | null;
  /** Requests that were sent for it, the failed ones included. */
  attempts: number;
  latencyMs: number;
}

/** Answers chats. Implementations: an endpoint that speaks chat completions, a script, a recorded trajectory, a person. */
export interface Model {
  readonly name: string;
  /** Most input tokens of one request; null when not known. */
  readonly contextTokens: number | null;
  /** True when its text is the action itself, as a person types one: nothing is to be parsed, and there is no thought. */
  readonly answersWithAction?: boolean;
  /** @throws ModelError; the signal's reason */
  query(request: ModelRequest): Promise<ModelReply>;
  /** Tokens of a chat, as near as can be known without asking. */
  countTokens(messages: readonly ChatMessage[]): number;
}

export type ModelErrorCode =
  /** The chat is longer than the model reads. */
  | 'context_window'
  /** The endpoint asked to wait, more often than there was patience for. */
  | 'rate_limit'
  /** The endpoint failed by its own fault. */
  | 'server'
  /** The connection could not be made, or broke. */
  | 'connection'
  | 'timeout'
  /** Key or rights. */
  | 'unauthorized'
  /** The endpoint takes no such request. */
  | 'bad_request'
  /** The account has no money left. */
  | 'quota'
  /** What came was no answer in the protocol. */
  | 'garbage'
  /** A script or a recording has no more answers. */
  | 'exhausted';

/** Why there is no answer, after every retry that made sense. */
export class ModelError extends Error {
  override readonly name = 'ModelError';

  constructor(
    readonly code: ModelErrorCode,
    message: string,
    /** Requests that were sent. */
    readonly attempts: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
