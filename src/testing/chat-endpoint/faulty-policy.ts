import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { ChatPolicy } from './chat-endpoint.js';
import type { AnswerTurn, ChatTurn } from './chat-turn.js';

type Answer = z.input<typeof AnswerTurn>;

/** How much longer a slow answer takes. */
const SLOW_MS = 2000;
/** Chats that are remembered; a long life must not fill the memory. */
const KEPT_CHATS = 100_000;

/** What can go wrong, and what then comes instead of an answer. */
const FAULTS = {
  rate_limit: (): ChatTurn => ({ status: 429, headers: { 'retry-after-ms': '20' } }),
  server_error: (): ChatTurn => ({ status: 503 }),
  html: (): ChatTurn => ({ status: 200, body: '<html><body>Bad gateway</body></html>' }),
  garbage: (): ChatTurn => ({ status: 200, body: '{"choices": [', content_type: 'application/json' }),
  no_choice: (): ChatTurn => ({ status: 200, body: { object: 'chat.completion', choices: [] } }),
  cut_early: (answer: Answer): ChatTurn => ({ ...answer, cut: 'before_headers' }),
  cut_late: (answer: Answer): ChatTurn => ({ ...answer, cut: 'within' }),
  empty: (): ChatTurn => ({ text: '' }),
  null_content: (): ChatTurn => ({ text: null }),
  refusal: (): ChatTurn => ({ refusal: 'I cannot help with that.' }),
  cut_off: (answer: Answer): ChatTurn => ({ text: (answer.text ?? '').slice(0, 20), finish_reason: 'length' }),
  slow: (answer: Answer): ChatTurn => ({ ...answer, first_token_ms: (answer.first_token_ms ?? 0) + SLOW_MS }),
} satisfies Record<string, (answer: Answer) => ChatTurn>;

/** Names of the faults. */
export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS) as FaultName[];

/** How an endpoint misbehaves. */
export interface Misbehaviour {
  /** Share of the answers, from 0 to 1, that each fault takes. */
  rates?: Partial<Record<FaultName, number>>;
  seed?: number;
  /** Milliseconds before the first piece of an answer, and between two. */
  firstTokenMs?: number;
  tokenMs?: number;
}

/**
 * Makes an endpoint misbehave. Whether an answer fails depends on the seed, the chat and how often this very chat was sent, never on
 * what else is asked at the time.
 */
export function faultyPolicy(
  policy: ChatPolicy,
  { rates = {}, seed = 0, firstTokenMs, tokenMs }: Misbehaviour,
): ChatPolicy {
  const asked = new Map<string, number>();
  return async (request, call) => {
    const { model, messages, seed: own } = request;
    // Episodes of one task begin with the same chat.
    const asking = own === undefined || own === null ? messages : [model, own, messages];
    const chat = createHash('sha256').update(JSON.stringify(asking)).digest('hex');
    if (asked.size > KEPT_CHATS) asked.clear();
    const times = asked.get(chat) ?? 0;
    asked.set(chat, times + 1);
    const turn = await policy(request, call);
    if (typeof turn === 'object' && 'status' in turn) return turn;
    const answer: Answer = {
      ...(typeof turn === 'string' ? { text: turn } : turn),
      ...(firstTokenMs !== undefined && { first_token_ms: firstTokenMs }),
      ...(tokenMs !== undefined && { token_ms: tokenMs }),
    };
    const fault = drawn(rates, chance(`${seed}:${chat}:${times}`));
    return fault === null ? answer : FAULTS[fault](answer);
  };
}

function drawn(rates: Partial<Record<FaultName, number>>, value: number): FaultName | null {
  let sum = 0;
  for (const name of FAULT_NAMES) {
    sum += rates[name] ?? 0;
    if (value < sum) return name;
  }
  return null;
}

/** @returns from 0 up to, not including, 1 */
function chance(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0) / 2 ** 32;
}
