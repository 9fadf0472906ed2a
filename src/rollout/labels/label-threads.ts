import type { Worker } from 'node:worker_threads';
import { startThread } from '../../run/start-thread.js';
import type { TokenizerParts } from '../tokens/student-tokenizer.js';
import type { KeptLabels } from './labelled-file.js';

/** A thread needs a fraction of it for the largest trajectories; what needs more is none, and must not take the process along. */
const THREAD_HEAP = { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 32 };

interface Job {
  file: string;
  resolve: (answer: KeptLabels | string) => void;
  reject: (reason: unknown) => void;
}

/** Threads that label files, each one file at a time. They are started when they are needed. Close it when you are done. */
export class LabelThreads {
  readonly #waiting: Job[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Job>();
  #closed: { reason: unknown } | null = null;

  /** @param most threads at once */
  constructor(
    private readonly most: number,
    private readonly tokenizer: TokenizerParts,
  ) {}

  /** @returns what `readLabels` gives; rejects with the reason of `close` */
  label(file: string): Promise<KeptLabels | string> {
    if (this.#closed) return Promise.reject(this.#closed.reason);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ file, resolve, reject });
      this.#next();
    });
  }

  /** Ends the threads, whatever they are doing. Idempotent, never rejects. */
  async close(reason: unknown = new Error('the labelling was ended')): Promise<void> {
    this.#closed ??= { reason };
    const threads = [...this.#busy.keys(), ...this.#idle.splice(0)];
    for (const job of [...this.#waiting.splice(0), ...this.#busy.values()]) job.reject(reason);
    this.#busy.clear();
    await Promise.allSettled(threads.map((thread) => thread.terminate()));
  }

  #next(): void {
    if (this.#closed || this.#waiting.length === 0) return;
    if (this.#idle.length === 0 && this.#busy.size >= this.most) return;
    const thread = this.#idle.pop() ?? this.#start();
    const job = this.#waiting.shift()!;
    this.#busy.set(thread, job);
    thread.postMessage(job.file);
  }

  #start(): Worker {
    const options = { workerData: this.tokenizer, resourceLimits: THREAD_HEAP };
    const thread = startThread(new URL('./label-worker.js', import.meta.url), options);
    let isReady = false;
    thread.on('message', (answer: KeptLabels | string) => {
      if (!isReady) {
        isReady = true;
        return;
      }
      this.#busy.get(thread)?.resolve(answer);
      if (!this.#busy.delete(thread)) return;
      this.#idle.push(thread);
      this.#next();
    });
    let why = 'it ended';
    thread.on('error', (error) => {
      why = error.message;
    });
    thread.on('exit', () => {
      const job = this.#busy.get(thread);
      this.#busy.delete(thread);
      // A file that ends the thread that looks at it is one fault; threads that cannot be started are everybody's.
      if (isReady) job?.resolve(`${job.file} cannot be labelled: the thread that read it is gone (${why}).`);
      else job?.reject(new Error(`No thread can be started that labels files: ${why}`));
      const place = this.#idle.indexOf(thread);
      if (place >= 0) this.#idle.splice(place, 1);
      this.#next();
    });
    return thread;
  }
}
