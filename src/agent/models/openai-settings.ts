import type { EndpointProxies } from './endpoint-fetch.js';
import type { PriceTable } from './prices.js';
import type { RequestGate } from './request-gate.js';
import type { RetryClock, RetryPolicy } from './retry-policy.js';
import type { TokenCounter } from './token-counter.js';

/** The field in which an endpoint takes the bound of the answer. */
export type MaxTokensField = 'max_tokens' | 'max_completion_tokens';

/** How an endpoint is asked. */
export interface OpenAiSettings {
  /** Name that the endpoint knows the model by. */
  model: string;
  /** Up to and including `/v1`. */
  baseUrl: string;
  /** Unset: no authorization is sent. */
  apiKey?: string;
  /** Unset: the endpoint's default, as with the next ones. */
  temperature?: number;
  topP?: number;
  /** Most tokens of an answer. */
  maxTokens?: number;
  /** Unset: what the endpoint takes. */
  maxTokensField?: MaxTokensField;
  stop?: readonly string[];
  seed?: number;
  /** Goes into the body of each request as it is: `top_k`, `chat_template_kwargs`... */
  extraBody?: Readonly<Record<string, unknown>>;
  extraHeaders?: Readonly<Record<string, string>>;
  /** Unset: endpoints are reached directly. This machine always is. */
  proxies?: EndpointProxies;
  /** Thinking that an assistant message holds is sent back, as `reasoning_content`. */
  sendsReasoning?: boolean;
  /** Answers arrive as they are made. Default: true. */
  stream?: boolean;
  /** Longest that one request may take, milliseconds. */
  timeoutMs?: number;
  /** Longest silence within a streamed answer, milliseconds. */
  idleTimeoutMs?: number;
  retry?: Partial<RetryPolicy>;
  clock?: RetryClock;
  /** Gives leave for every single request; shared by all who ask the same endpoint. Unset: they go when they come. */
  gate?: RequestGate;
  prices?: PriceTable;
  /** Tokens that question and answer may have together; unset: of the table, null when that does not know. */
  contextTokens?: number | null;
  counter?: TokenCounter;
}
