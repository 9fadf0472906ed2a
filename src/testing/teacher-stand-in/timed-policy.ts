import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { ChatPolicy } from '../chat-endpoint/chat-endpoint.js';
import type { AnswerTurn } from '../chat-endpoint/chat-turn.js';
import { tokensOf } from '../chat-endpoint/prompt-cache.js';

/** How long a model takes: as measured on real endpoints, or a part of it. */
export interface Latency {
  /** Milliseconds until the first token; the median, with a long tail. */
  firstTokenMs: number;
  /** Milliseconds of each further token. */
  tokenMs: number;
  /** How far the first token may be from its median: the standard deviation of its logarithm. */
  spread: number;
  seed: number;
}

/** Standard normal number that follows from a text (Box and Muller). */
function normal(text: string): number {
  const bytes = createHash('sha256').update(text).digest();
  const [a, b] = [bytes.readUInt32BE(0) + 1, bytes.readUInt32BE(4)].map((value) => value / 2 ** 32);
  return Math.sqrt(-2 * Math.log(a!)) * Math.cos(2 * Math.PI * b!);
}

/**
 * Makes an endpoint as slow as a real one. How long an answer takes follows from the seed, the chat and the answer; the whole of it is
 * waited for before its first piece, so that thousands of answers at once cost few timers.
 */
export function timedPolicy(policy: ChatPolicy, { firstTokenMs, tokenMs, spread, seed }: Latency): ChatPolicy {
  return async (request, call) => {
    const turn = await policy(request, call);
    if (typeof turn === 'object' && 'status' in turn) return turn;
    const answer: z.input<typeof AnswerTurn> = typeof turn === 'string' ? { text: turn } : turn;
    const drawn = normal(`${seed}:${request.seed ?? ''}:${JSON.stringify(request.messages)}`);
    const tokens = tokensOf(`${answer.text ?? ''}${JSON.stringify(answer.tool_calls ?? '')}`);
    return { ...answer, first_token_ms: firstTokenMs * Math.exp(spread * drawn) + tokenMs * tokens };
  };
}
