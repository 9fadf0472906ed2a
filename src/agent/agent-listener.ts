import type { AgentRun, AgentStep } from './agent-run.js';
import type { HistoryItem } from './history/history-item.js';
import type { FailedAttempt } from './models/model.js';

/** Watches an agent play. Everything is optional; nothing may throw or reject. */
export interface AgentListener {
  /** The task is reset; the first prompt comes next. */
  onStart?(run: AgentRun): void;
  /** A round begins: what the model is told. `step`: how many were taken so far. */
  onPrompt?(prompt: HistoryItem, facts: { step: number; remainingSteps: number }): void;
  /** The model speaks. */
  onText?(delta: string): void;
  /** It thinks, where the endpoint shows it. */
  onReasoning?(delta: string): void;
  /** The endpoint failed and is asked again; what was said so far is void. */
  onRetry?(failure: FailedAttempt): void;
  /** The output could not be used and is asked for again. `attempt` counts from 1. */
  onRequery?(reason: string, attempt: number): void;
  /** The action goes to the environment. */
  onAction?(thought: string, action: string): void;
  /** The command prints while it runs. */
  onOutput?(chunk: Uint8Array): void;
  /** A round is over. `run` holds everything so far and does not change any more: it may be saved at leisure. */
  onStep?(step: AgentStep, run: AgentRun): void;
  /** Nothing more comes; waited for. */
  onEnd?(run: AgentRun): void | Promise<void>;
}
