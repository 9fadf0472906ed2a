import type { Worker } from 'node:worker_threads';
import { RunError } from '../../../run/run-error.js';
import { startThread } from '../../../run/start-thread.js';
import type { TokenizerParts } from '../../tokens/student-tokenizer.js';
import type { ShardJob, ShardResult } from './shard-job.js';

/** Holds the largest trajectory and a group of rows; a thread that took more would take the process along. */
const THREAD_HEAP = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };

/** What a thread says of a job: errors lose their class and their code on the way between threads. */
export type ShardAnswer =
  | { result: ShardResult }
  | { fault: Pick<NodeJS.ErrnoException, 'message' | 'code' | 'path' | 'syscall'> & { remedy: string | null } };

interface Waiting {
  job: ShardJob;
  resolve: (result: ShardResult) => void;
  reject: (reason: unknown) => void;
}

/** Threads that write shards, each one at a time. They are started when they are needed. Close it when you are done. */
export class ShardThreads {
  readonly #waiting: Waiting[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  #closed: { reason: unknown } | null = null;

  /** @param most threads at once */
  constructor(
    private readonly most: number,
    private readonly tokenizer: TokenizerParts,
  ) {}

  /** @returns what `writeShard` gives; rejects with what it throws, and with the reason of `close` */
  write(job: ShardJob): Promise<ShardResult> {
    if (this.#closed) return Promise.reject(this.#closed.reason);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  /** Ends the threads, whatever they are doing. Idempotent, never rejects. */
  async close(reason: unknown = new Error('the writing was ended')): Promise<void> {
    this.#closed ??= { reason };
    const threads = [...this.#busy.keys(), ...this.#idle.splice(0)];
    for (const waiting of [...this.#waiting.splice(0), ...this.#busy.values()]) waiting.reject(reason);
    this.#busy.clear();
    await Promise.allSettled(threads.map((thread) => thread.terminate()));
  }

  #next(): void {
    if (this.#closed || this.#waiting.length === 0) return;
    if (this.#idle.length === 0 && this.#busy.size >= this.most) return;
    const thread = this.#idle.pop() ?? this.#start();
    const waiting = this.#waiting.shift()!;
    this.#busy.set(thread, waiting);
    thread.postMessage(waiting.job);
  }

  #start(): Worker {
    const options = { workerData: this.tokenizer, resourceLimits: THREAD_HEAP };
    const thread = startThread(new URL('./shard-worker.js', import.meta.url), options);
    thread.on('message', (answer: ShardAnswer) => {
      const waiting = this.#busy.get(thread);
      if (!waiting) return;
      this.#busy.delete(thread);
      this.#idle.push(thread);
      if ('result' in answer) waiting.resolve(answer.result);
      else waiting.reject(errorOf(answer.fault));
      this.#next();
    });
    let why = 'it ended';
    thread.on('error', (error: Error) => {
      why = error.message;
    });
    thread.on('exit', () => {
      const waiting = this.#busy.get(thread);
      this.#busy.delete(thread);
      const remedy = 'Run the same command again; shards that are whole are kept.';
      waiting?.reject(new RunError(`A thread that wrote a shard is gone: ${why}.`, remedy));
    });
    return thread;
  }
}

function errorOf({ message, remedy, ...system }: Extract<ShardAnswer, { fault: unknown }>['fault']): Error {
  return remedy === null ? Object.assign(new Error(message), system) : new RunError(message, remedy);
}
