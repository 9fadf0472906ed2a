import type { Action, EpisodeOptions, StepResult, TaskDetail } from '../protocol/index.js';
import type { HistoryItem } from './history/history-item.js';

/** What the calls of a model came to, in MLGym's words. */
export interface ModelStats {
  /** Dollars; calls without a known price add nothing. */
  total_cost: number;
  task_cost: number;
  tokens_sent: number;
  tokens_received: number;
  api_calls: number;
}

/** One round: what the agent saw, said and did, and what came of it. */
export interface AgentStep {
  /** What the state command printed before the action. */
  state: string;
  /** Raw output of the model. */
  response: string;
  thought: string;
  /** As parsed from the response. */
  action: string;
  /** What was sent to the environment when it was not the text of the action: the typed form of a tool call. */
  sent: Action | null;
  /** Seconds from sending the action to having its result. */
  execution_time: number;
  observation: string;
  result: StepResult;
  /** Calls of the model in this round, format retries included. */
  calls: readonly ModelCallRecord[];
}

/** One call of the model. */
export interface ModelCallRecord {
  input_tokens: number;
  cached_input_tokens: number;
  output_tokens: number;
  estimated: boolean;
  cost_usd: number | null;
  attempts: number;
  latency_ms: number;
  finish_reason: string | null;
  /**
   * Why its output was not used: `format`, `blocked`, `refusal`, `empty`, or the code of the fault where none came; null when it
   * was.
   */
  rejected: string | null;
}

/** Why an agent stopped asking its model. */
export type StopReason =
  /** It has not: the run is under way, or its process was killed. */
  | 'running'
  | 'ended'
  | 'context'
  | 'cost'
  | 'tokens'
  | 'time'
  | 'format'
  | 'api'
  | 'error'
  | 'aborted'
  /** The server or the sandbox failed: nobody's result, and to be played again. */
  | 'infrastructure';

/** An episode that an agent played. */
export interface AgentRun {
  task: TaskDetail;
  episodeId: string;
  seed: number | null;
  /** Of the reset, those that the agent's configuration asks for among them. */
  options: EpisodeOptions;
  /** Name that the history's items carry. */
  agent: string;
  steps: readonly AgentStep[];
  history: readonly HistoryItem[];
  stats: ModelStats;
  /** Metrics of every validation and of the final evaluation, each as the JSON text that Python writes. */
  scores: readonly string[];
  baselineScores: Readonly<Record<string, number>> | null;
  exitStatus: string;
  submission: string | null;
  stop: StopReason;
  /** What went wrong, when something did. */
  failure: string | null;
  /** Unix times in milliseconds. */
  startedAtMs: number;
  endedAtMs: number;
}
