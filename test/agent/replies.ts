import { createDialect } from '../../src/agent/dialects/create-dialect.js';
import type { DialectConfig, FaultTexts, Turn } from '../../src/agent/dialects/dialect.js';
import type { ModelReply, ToolCall } from '../../src/agent/models/model.js';
import { OutputFault } from '../../src/agent/parsing/output-fault.js';

/** An agent without words of its own. */
export const NO_TEXTS: FaultTexts = { formatError: () => null, blockError: (action) => `not ${action}` };
/** An agent that calls tools. */
export const CALLING: DialectConfig = { source: 'gymsmith', parser: 'function_calling', commands: [], blocked: null };

export function reply(text: string, more: Partial<ModelReply> = {}): ModelReply {
  const usage = { inputTokens: 1, cachedInputTokens: 0, outputTokens: 1, estimated: false };
  const facts = { finishReason: 'stop', refusal: null, usage, costUsd: null, attempts: 1, latencyMs: 1 };
  return { text, reasoning: null, toolCalls: [], ...facts, ...more };
}

/** An output that calls tools. */
export function calling(toolCalls: readonly ToolCall[], text = 'I look.', more: Partial<ModelReply> = {}): ModelReply {
  return reply(text, { toolCalls, ...more });
}

export function call(name: string, args: unknown = {}, id = 'c1'): ToolCall {
  return { id, name, arguments: typeof args === 'string' ? args : JSON.stringify(args) };
}

/** What a call comes to. @throws Error when it is a fault */
export function turnOf(name: string, args: unknown, config = CALLING): Turn {
  const turn = createDialect(config, NO_TEXTS).parse(calling([call(name, args)]));
  if (turn instanceof OutputFault) throw new Error(turn.reason);
  return turn;
}

/** What is wrong with an output. @throws Error when nothing is */
export function faultOf(answer: ModelReply, config = CALLING): OutputFault {
  const fault = createDialect(config, NO_TEXTS).parse(answer);
  if (!(fault instanceof OutputFault)) throw new Error(`it was understood: ${fault.action}`);
  return fault;
}
