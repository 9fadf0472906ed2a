import type { StopReason } from './agent-run.js';
import { ModelError } from './models/model.js';

/** Why an agent is to stop although nothing failed. */
export class LimitReached extends Error {
  override readonly name = 'LimitReached';

  constructor(readonly limit: 'context' | 'cost' | 'tokens' | 'time' | 'aborted') {
    super(`the agent is to stop: ${limit}`);
  }
}

/** The last turn of an agent that cannot go on: an action that has the environment score what there is. */
export interface ExitTurn {
  thought: string;
  action: 'exit_context' | 'exit_cost' | 'exit_error' | 'exit_api';
  /** What stands for the output of the model. */
  response: string;
  stop: StopReason;
  failure: string | null;
}

/** Analysis scripts know four exits; tokens and time are budgets as dollars are. */
const LIMITS: Readonly<Record<LimitReached['limit'], Omit<ExitTurn, 'stop' | 'response' | 'failure'>>> = {
  context: { thought: 'Exit due to context window', action: 'exit_context' },
  cost: { thought: 'Exit due to cost limit', action: 'exit_cost' },
  tokens: { thought: 'Exit due to token limit', action: 'exit_cost' },
  time: { thought: 'Exit due to time limit', action: 'exit_cost' },
  aborted: { thought: 'Exit due to abort', action: 'exit_error' },
};

/** Faults of an endpoint that were waited for and tried again, and in the end were not gone. */
const RETRIED: ReadonlySet<string> = new Set(['rate_limit', 'server', 'connection', 'timeout', 'garbage']);

/**
 * What becomes of an error between two actions, in MLGym's words. MLGym retries a chat that is too long for minutes, and ends without
 * a score for errors of the endpoint; here every error ends at once, and with a score.
 */
export function exitTurn(error: unknown): ExitTurn {
  if (error instanceof ModelError && error.code === 'context_window') return ofLimit('context', error.message);
  if (error instanceof LimitReached) return ofLimit(error.limit, null);
  const failure = error instanceof Error ? error.message : String(error);
  const as = (kind: string, action: ExitTurn['action'], stop: StopReason): ExitTurn => ({
    thought: `Exit due to ${kind}: ${failure}`,
    action,
    response: `exit due to ${kind}: ${failure}`,
    stop,
    failure,
  });
  if (!(error instanceof ModelError) || error.code === 'exhausted') return as('runtime error', 'exit_error', 'error');
  return as(RETRIED.has(error.code) ? 'retry error' : 'unexpected error', 'exit_api', 'api');
}

function ofLimit(limit: LimitReached['limit'], failure: string | null): ExitTurn {
  const turn = LIMITS[limit];
  return { ...turn, response: turn.thought, stop: limit, failure };
}
