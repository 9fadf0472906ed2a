import { RunError } from '../../../run/run-error.js';
import { ThreadGone } from '../../../run/thread-gone.js';
import { Threads } from '../../../run/threads.js';
import type { TokenizerParts } from '../../tokens/student-tokenizer.js';
import type { ShardJob, ShardResult } from './shard-job.js';

/** Holds the largest trajectory and a group of rows; a thread that took more would take the process along. */
const THREAD_HEAP = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 32 };

/** What a thread says of a job: errors lose their class and their code on the way between threads. */
export type ShardAnswer =
  | { result: ShardResult }
  | { fault: Pick<NodeJS.ErrnoException, 'message' | 'code' | 'path' | 'syscall'> & { remedy: string | null } };

/** Threads that write shards. Close them when you are done. */
export class ShardThreads {
  readonly #threads: Threads<ShardJob, ShardAnswer>;

  /** @param most threads at once */
  constructor(most: number, tokenizer: TokenizerParts) {
    const options = { workerData: tokenizer, resourceLimits: THREAD_HEAP };
    this.#threads = new Threads(most, new URL('./shard-worker.js', import.meta.url), options);
  }

  /** @returns what `writeShard` gives; rejects with what it throws, and with the reason of `close` */
  async write(job: ShardJob): Promise<ShardResult> {
    const answer = await this.#threads.ask(job).catch((error: unknown) => {
      if (!(error instanceof ThreadGone)) throw error;
      const remedy = 'Run the same command again; shards that are whole are kept.';
      throw new RunError(`A thread that wrote a shard is gone: ${error.message}.`, remedy);
    });
    if ('result' in answer) return answer.result;
    throw errorOf(answer.fault);
  }

  /** Ends the threads, whatever they are doing. Idempotent, never rejects. */
  close(reason?: unknown): Promise<void> {
    return this.#threads.close(reason);
  }
}

function errorOf({ message, remedy, ...system }: Extract<ShardAnswer, { fault: unknown }>['fault']): Error {
  return remedy === null ? Object.assign(new Error(message), system) : new RunError(message, remedy);
}
