import type { Action } from '../../protocol/index.js';
import type { AgentConfig } from '../config/agent-config.js';
import type { HistoryItem } from '../history/history-item.js';
import type { ChatMessage, ModelReply, ToolCall, ToolDefinition } from '../models/model.js';
import type { OutputFault } from '../parsing/output-fault.js';

/** The parts of an agent that decide how its model speaks. */
export type DialectConfig = Pick<AgentConfig, 'source' | 'parser' | 'commands' | 'blocked'>;

/** The agent's own words for outputs that cannot be used. */
export interface FaultTexts {
  /** @returns null when the agent has none and the parser's are to be used */
  formatError(fault: Readonly<Record<string, string>>): string | null;
  blockError(action: string): string;
}

/** What the output of a model comes to. */
export interface Turn {
  thought: string;
  /** The action as trajectories show it. */
  action: string;
  /** The typed form to send; null: the text of the action is sent. */
  sent: Action | null;
  /** The call that the action came from; its id is never empty. */
  call: ToolCall | null;
}

/**
 * How a model is asked and how it answers: in text, or by calling tools. Everything between a history and a turn, so that one loop
 * plays both. One object serves an episode; nothing in it changes.
 */
export interface Dialect {
  /** Tools that each request offers; empty: none. */
  readonly tools: readonly ToolDefinition[];
  /** Never throws. */
  parse(reply: ModelReply): Turn | OutputFault;
  /**
   * The chat that asks again. Nothing of it is stored.
   * @param messages the chat that was answered first: the faults before this one are not in it
   */
  requery(messages: readonly ChatMessage[], reply: ModelReply, fault: OutputFault): ChatMessage[];
  /** What the history keeps of an output. */
  assistantItem(agent: string, reply: ModelReply, turn: Turn): HistoryItem;
  /**
   * What the history keeps of a prompt: the answer to the call before it, or a message of the user.
   * @param history what stands before it
   */
  promptItem(agent: string, content: string, history: readonly HistoryItem[]): HistoryItem;
}
