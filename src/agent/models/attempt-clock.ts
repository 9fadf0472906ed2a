import { AttemptTimeout } from './endpoint-error.js';
import type { ReadProgress } from './read-answer.js';

/** How long a connection may take to end after the answer did. */
const FINISHED_GRACE_MS = 2000;

/** The time limits of one request and the caller's signal, as one signal. */
export class AttemptClock implements ReadProgress {
  readonly controller = new AbortController();
  /** Why time ended it; null while it did not. */
  verdict: AttemptTimeout | null = null;
  #idleMs: number;
  #isFinished = false;
  readonly #total: NodeJS.Timeout;
  #idle: NodeJS.Timeout | undefined;
  readonly #onAbort = () => this.controller.abort(this.caller?.reason);

  constructor(
    timeoutMs: number,
    idleTimeoutMs: number,
    private readonly caller: AbortSignal | undefined,
  ) {
    this.#idleMs = idleTimeoutMs;
    this.#total = setTimeout(() => this.#end(`no answer within ${seconds(timeoutMs)}`), timeoutMs);
    if (caller?.aborted) this.#onAbort();
    caller?.addEventListener('abort', this.#onAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  onBytes(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(
      () => this.#end(`nothing came for ${seconds(this.#idleMs)} within the answer`),
      this.#idleMs,
    );
  }

  onFinished(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#idleMs = Math.min(this.#idleMs, FINISHED_GRACE_MS);
    this.onBytes();
  }

  /** Ends the clock and, where it still runs, the request. */
  stop(): void {
    clearTimeout(this.#total);
    clearTimeout(this.#idle);
    this.caller?.removeEventListener('abort', this.#onAbort);
    this.controller.abort();
  }

  #end(reason: string): void {
    this.verdict = new AttemptTimeout(reason);
    this.controller.abort(this.verdict);
  }
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
