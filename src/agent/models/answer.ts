import type { ToolCall } from './model.js';

/** What one request brought. */
export interface Answer {
  text: string;
  reasoning: string | null;
  toolCalls: readonly ToolCall[];
  finishReason: string | null;
  refusal: string | null;
  /** Null when the endpoint did not say. */
  usage: AnswerUsage | null;
}

/** Tokens as the endpoint counted them. */
export interface AnswerUsage {
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
}
