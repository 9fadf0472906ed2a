import type { Worker, WorkerOptions } from 'node:worker_threads';
import { startThread } from './start-thread.js';
import { ThreadGone } from './thread-gone.js';

interface Waiting<Job, Answer> {
  job: Job;
  resolve: (answer: Answer) => void;
  reject: (reason: unknown) => void;
}

/**
 * Threads of one module, each with one job at a time, first come, first served. They are started when they are needed. The module says once
 * that it is ready, with any message, and then answers each job with one. Close them when you are done.
 */
export class Threads<Job, Answer> {
  readonly #waiting: Waiting<Job, Answer>[] = [];
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting<Job, Answer>>();
  #closed: { reason: unknown } | null = null;

  /** @param most threads at once */
  constructor(
    private readonly most: number,
    private readonly module: URL,
    private readonly options: WorkerOptions,
  ) {}

  /** @returns the answer of a thread; rejects with ThreadGone when it ended without one, or the reason of `close` */
  ask(job: Job): Promise<Answer> {
    if (this.#closed) return Promise.reject(this.#closed.reason);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
      this.#next();
    });
  }

  /** Ends the threads, whatever they are doing. Idempotent, never rejects. */
  async close(reason: unknown = new Error('the work was ended')): Promise<void> {
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
    const thread = startThread(this.module, this.options);
    let isReady = false;
    let why = 'it ended';
    thread.on('message', (answer: Answer) => {
      if (!isReady) {
        isReady = true;
        return;
      }
      this.#busy.get(thread)?.resolve(answer);
      if (!this.#busy.delete(thread)) return;
      this.#idle.push(thread);
      this.#next();
    });
    thread.on('error', (error) => {
      why = error.message;
    });
    thread.on('exit', () => {
      this.#busy.get(thread)?.reject(new ThreadGone(why, isReady));
      this.#busy.delete(thread);
      const place = this.#idle.indexOf(thread);
      if (place >= 0) this.#idle.splice(place, 1);
      this.#next();
    });
    return thread;
  }
}
