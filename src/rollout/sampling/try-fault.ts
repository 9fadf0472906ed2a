import type { AgentRun } from '../../agent/agent-run.js';
import { OUTPUT_LOST } from '../../agent/take-step.js';
import { ClientError, RpcError } from '../../client/index.js';

/**
 * What kept a try from a result. `refused`: it did not begin, for want of room. `server`: server, sandbox or GPU. `connection`: the server
 * was out of reach. `endpoint`: the model could not be asked. `own`: this program failed between two actions. `task`: nobody can play this
 * task. `setup`: so is it, unless it is the agent's or the run's doing, which other tasks tell. `run`: nothing of the run can be played.
 */
export interface TryFault {
  kind: 'refused' | 'server' | 'connection' | 'endpoint' | 'own' | 'task' | 'setup' | 'run';
  /** One word of the protocol or of the endpoint. */
  code: string;
  message: string;
}

const OF_ROOM: ReadonlySet<string> = new Set(['capacity_reached', 'draining', 'resources_unavailable']);
const OF_TASK: ReadonlySet<string> = new Set(['unknown_task', 'task_broken']);
const OF_CONNECTION: ReadonlySet<string> = new Set(['connection_lost', 'connection_failed', 'session_lost', 'closed']);
/** Waiting helps with none of them, and no other question is answered either. */
const OF_KEY: ReadonlySet<string> = new Set(['unauthorized', 'quota']);

/** @returns what an episode that could not begin means; null: this program is at fault */
export function resetFault(error: unknown): TryFault | null {
  if (error instanceof Error && error.name === 'PromptError')
    return { kind: 'setup', code: 'prompt', message: error.message };
  if (!(error instanceof RpcError || error instanceof ClientError)) return null;
  const { code, message } = error;
  const kind = OF_ROOM.has(code)
    ? 'refused'
    : OF_TASK.has(code)
      ? 'task'
      : code === 'invalid_params'
        ? 'setup'
        : isOfConnection(error)
          ? 'connection'
          : 'server';
  return { kind, code, message };
}

/**
 * @param hasAnswered whether this model ever answered in this process
 * @returns why a run that was played is no result; null: it is one
 */
export function runFault(
  { stop, failure, steps }: Pick<AgentRun, 'stop' | 'failure' | 'steps'>,
  hasAnswered: boolean,
): TryFault | null {
  // What follows such a step is neither the agent's doing nor what a student should learn from.
  if (steps.some(({ observation }) => observation === OUTPUT_LOST)) {
    return { kind: 'connection', code: 'restarted', message: OUTPUT_LOST };
  }
  const message = failure ?? stop;
  if (stop === 'infrastructure') {
    const [, code = 'infrastructure'] = /^(\w+): /.exec(message) ?? [];
    return { kind: OF_CONNECTION.has(code) ? 'connection' : 'server', code, message };
  }
  // The agent does nothing that could bring it about: what is thrown beside the model's and the server's errors is a fault of the loop.
  if (stop === 'error') return { kind: 'own', code: 'error', message };
  if (stop !== 'api') return null;
  const code = steps.at(-1)?.calls.at(-1)?.rejected ?? 'api';
  // A wrong name or a setting that the endpoint does not take; later it is something of one chat.
  const isOfRun = OF_KEY.has(code) || (code === 'bad_request' && !hasAnswered);
  return { kind: isOfRun ? 'run' : 'endpoint', code, message };
}

function isOfConnection(error: Error & { code: string; data?: unknown }): boolean {
  const wasRestarted = error instanceof RpcError && error.data?.restarted === true;
  return wasRestarted || (error instanceof ClientError && OF_CONNECTION.has(error.code));
}
