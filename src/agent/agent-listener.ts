import type { AgentRun, AgentStep } from './agent-run.js';
import type { HistoryItem } from './history/history-item.js';

/** Watches an agent play. Everything is optional; nothing may throw or reject. */
export interface AgentListener {
  /** The task is reset; the first prompt comes next. */
  onStart?(run: AgentRun): void | Promise<void>;
  /** A prompt goes to the model. `messages`: how many items it sees; `tokens`: about how many tokens. */
  onPrompt?(prompt: HistoryItem, facts: { step: number; messages: number; tokens: number }): void;
  /** The model speaks. */
  onText?(delta: string): void;
  /** The output could not be used and is asked for again. */
  onRequery?(reason: string, attempt: number): void;
  /** The action goes to the environment. */
  onAction?(thought: string, action: string): void;
  /** The command prints while it runs. */
  onOutput?(chunk: Uint8Array): void;
  /** A round is over. `run` holds everything so far; while it is saved the next prompt waits. */
  onStep?(step: AgentStep, run: AgentRun): void | Promise<void>;
  onEnd?(run: AgentRun): void | Promise<void>;
}
