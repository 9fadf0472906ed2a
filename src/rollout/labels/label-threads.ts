import { ThreadGone } from '../../run/thread-gone.js';
import { Threads } from '../../run/threads.js';
import type { TokenizerParts } from '../tokens/student-tokenizer.js';
import type { KeptLabels } from './labelled-file.js';

/** A thread needs a fraction of it for the largest trajectories; what needs more is none, and must not take the process along. */
const THREAD_HEAP = { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 32 };

/** Threads that label files. Close them when you are done. */
export class LabelThreads {
  readonly #threads: Threads<string, KeptLabels | string>;

  /** @param most threads at once */
  constructor(most: number, tokenizer: TokenizerParts) {
    const options = { workerData: tokenizer, resourceLimits: THREAD_HEAP };
    this.#threads = new Threads(most, new URL('./label-worker.js', import.meta.url), options);
  }

  /** @returns what `readLabels` gives; rejects when no thread can be started, and with the reason of `close` */
  async label(file: string): Promise<KeptLabels | string> {
    try {
      return await this.#threads.ask(file);
    } catch (error) {
      if (!(error instanceof ThreadGone)) throw error;
      // A file that ends the thread that looks at it is one fault; threads that cannot be started are everybody's.
      if (error.wasReady) return `${file} cannot be labelled: the thread that read it is gone (${error.message}).`;
      throw new Error(`No thread can be started that labels files: ${error.message}`, { cause: error });
    }
  }

  /** Ends the threads, whatever they are doing. Idempotent, never rejects. */
  close(reason?: unknown): Promise<void> {
    return this.#threads.close(reason);
  }
}
