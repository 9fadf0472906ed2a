import type { ToolCall } from '../models/model.js';

/** One item of an agent's history, complete: what a model sees of it is the processors' choice. Used in `.traj` files as it is. */
export interface HistoryItem {
  role: 'system' | 'user' | 'assistant' | 'tool';
  content: string;
  /** Name of the agent; MLGym's is `primary_<index>`. */
  agent: string;
  /** Of assistant items. */
  thought?: string;
  /** Of assistant items: as parsed, before anything is done to it. */
  action?: string;
  is_demo?: true;
  /** Of assistant items in the dialect with tools. */
  tool_calls?: readonly ToolCall[];
  /** Of tool items: the call that it answers. */
  tool_call_id?: string;
  /** Thinking that the endpoint showed. */
  reasoning?: string;
}
