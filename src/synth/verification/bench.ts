import { ClientError } from '../../client/index.js';
import type { PackTask } from '../../env/packs/pack-task.js';
import { RpcError } from '../../protocol/index.js';
import { type StageContext, StageFault } from '../stage.js';
import { GateEpisode } from './gate-episode.js';
import { TaskFault } from './task-fault.js';

/** More than any gate takes. */
const MAX_STEPS = 10_000;
/** Looking through a whole file system takes longer than other short commands. */
const SHORT_S = 120;
/** Added to the limit of a baseline, which is kept inside the sandbox. */
const SLACK_S = 60;
/** Files come in large pieces. */
const KEEP_OUTPUT_BYTES = 4 * 2 ** 20;

/**
 * What a fault of the environment means for a stage.
 * @returns TaskFault where the task's files are at fault; StageFault where sandboxes or the way to them are; else the error itself
 */
export function environmentFault(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (!(error instanceof RpcError || error instanceof ClientError)) return error;
  if (error.code === 'task_broken') return new TaskFault('task_malformed', error.message);
  return new StageFault('sandbox_unavailable', `${error.code}: ${error.message}`, false, { cause: error });
}

/** Where an attempt is tried out: episodes of its task, each in a sandbox of its own. */
export class Bench {
  constructor(
    readonly task: PackTask,
    readonly context: StageContext,
  ) {}

  /**
   * Plays a fresh episode, which is closed whatever happens. Do not begin another one inside of it: two that wait for each other's
   * sandbox wait for ever.
   * @throws TaskFault, StageFault, BudgetReached, the signal's reason
   */
  async play<T>(act: (episode: GateEpisode) => Promise<T>): Promise<T> {
    const { client } = this.context.drafts;
    const { signal, settings } = this.context;
    const options = {
      max_steps: MAX_STEPS,
      step_timeout_s: SHORT_S,
      training_timeout_s: settings.verification.baseline_timeout_s + SLACK_S,
      keep_output_bytes: KEEP_OUTPUT_BYTES,
    };
    return this.context.inSandbox(async () => {
      try {
        const episode = await client.reset(this.task.envId, { options, signal });
        try {
          return await act(new GateEpisode(episode, this.task, signal));
        } finally {
          await episode.close();
        }
      } catch (error) {
        throw environmentFault(error, signal);
      }
    });
  }
}
