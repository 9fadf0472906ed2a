import type { AgentConfig } from '../config/agent-config.js';
import type { ChatMessage, ModelReply } from '../models/model.js';
import { OutputFault } from '../parsing/output-fault.js';
import type { Dialect, Turn } from './dialect.js';

/** How often an output that cannot be used is asked for again. */
interface RetryRules {
  /** Outputs that are read in one round. */
  parsed: number;
  /** Whether the last fault is answered as well: MLGym asks once more, and keeps that output unread. */
  unreadCall: boolean;
}

/** A fourth output that nobody reads is what MLGym's records show; SWE-agent 1 does without it. */
function rulesOf(source: AgentConfig['source']): RetryRules {
  return { parsed: 3, unreadCall: source !== 'swe-agent-1' };
}

/** How the loop asks its model. What these throw ends the round and goes to the caller. */
export interface Asking {
  /** One call of the model. */
  ask(messages: readonly ChatMessage[]): Promise<ModelReply>;
  /** Hears of each output that is not used, before the next is asked for. `attempt` counts from 1. */
  onRejected?(fault: OutputFault, attempt: number): void;
}

/** An output, and what it came to. */
export interface Answer {
  reply: ModelReply;
  turn: Turn;
  /** True when no output could be used; the turn then is `exit_format`. */
  gaveUp: boolean;
}

/**
 * Asks a model for an action until its output can be used, at most three times. Each question is the first chat with the last output
 * and what was wrong with it; faults are not piled up.
 * @param messages the chat of this round
 */
export async function askForAction(
  dialect: Dialect,
  source: AgentConfig['source'],
  messages: readonly ChatMessage[],
  asking: Asking,
): Promise<Answer> {
  const rules = rulesOf(source);
  let reply = await asking.ask(messages);
  for (let attempt = 1; ; attempt++) {
    const turn = dialect.parse(reply);
    if (!(turn instanceof OutputFault)) return { reply, turn, gaveUp: false };
    asking.onRejected?.(turn, attempt);
    if (attempt < rules.parsed || rules.unreadCall) reply = await asking.ask(dialect.requery(messages, reply, turn));
    if (attempt === rules.parsed) break;
  }
  const turn = { thought: 'Exit due to format error', action: 'exit_format', sent: null, call: null };
  return { reply, turn, gaveUp: true };
}
