import { setTimeout as delay } from 'node:timers/promises';
import { ClientError, type Episode } from '../client/index.js';
import { type Action, RpcError, type StepResult } from '../protocol/index.js';

export interface TakeStepOptions {
  /** Ends the running command and rejects with `aborted`. */
  signal?: AbortSignal;
  onOutput?: (chunk: Uint8Array) => void;
  /** Milliseconds before each new attempt, where the server was at fault and may not be any more. */
  retryDelaysMs?: readonly number[];
}

/** A step, and what of it the agent is told. */
export interface TakenStep {
  result: StepResult;
  text: string;
}

const RETRY_DELAYS_MS = [1_000, 3_000, 10_000, 30_000];
/** Codes after which the same step may work; what it did so far is not done twice. */
const PASSING: ReadonlySet<string> = new Set(['evaluation_unavailable', 'resources_unavailable', 'capacity_reached']);
/** Codes that say that the action is at fault. */
const OF_ACTION: ReadonlySet<string> = new Set(['invalid_action', 'invalid_params', 'frame_too_large']);
const BUSY_DELAY_MS = 100;
/** What an agent is told when nobody knows what a command printed, nor whether it began. */
export const OUTPUT_LOST =
  'The server was restarted while this command ran. What the command did stands, its output is lost.';

/**
 * Takes one step to its end: waits for what still runs, asks again where the server's fault may pass, and takes up a command during
 * which the server was restarted. An action that the server does not take is told to the agent and costs a step.
 * @throws RpcError, ClientError when the server, the connection or the sandbox is lost: nothing that the agent did
 */
export async function takeStep(episode: Episode, action: Action, options: TakeStepOptions = {}): Promise<TakenStep> {
  const { retryDelaysMs = RETRY_DELAYS_MS } = options;
  for (let attempt = 0; ; attempt++) {
    try {
      return await stepToEnd(episode, action, options);
    } catch (error) {
      const code = codeOf(error);
      if (OF_ACTION.has(code)) {
        return { ...(await stepToEnd(episode, '', options)), text: `${(error as Error).message} Nothing was run.` };
      }
      if (!PASSING.has(code) || attempt >= retryDelaysMs.length) throw error;
      await delay(retryDelaysMs[attempt], undefined, { signal: options.signal });
    }
  }
}

async function stepToEnd(episode: Episode, action: Action, options: TakeStepOptions): Promise<TakenStep> {
  const { signal, onOutput } = options;
  const once = (next: Action) => episode.step(next, { signal, ...(onOutput && { onOutput }) });
  let result: StepResult | null = null;
  let wasLost = false;
  for (let next = action; result === null; next = { type: 'wait' }) {
    try {
      result = await once(next);
    } catch (error) {
      const isBusy = codeOf(error) === 'episode_busy';
      if (!isBusy && !(error instanceof RpcError && error.data?.restarted === true)) throw error;
      if (isBusy) await delay(BUSY_DELAY_MS, undefined, { signal });
      else wasLost = (await episode.state(signal)).status === 'ready';
    }
  }
  while (result.observation.running) result = await once({ type: 'wait' });
  const isOver = result.terminated || result.truncated;
  return { result, text: wasLost && !isOver && result.info.valid === null ? OUTPUT_LOST : result.observation.text };
}

function codeOf(error: unknown): string {
  return error instanceof RpcError || error instanceof ClientError ? error.code : '';
}
