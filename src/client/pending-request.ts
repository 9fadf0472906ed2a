import type { Method } from '../protocol/index.js';

/** Takes output of a step as it comes. A returned promise holds the server back until it settles. */
export type OutputHandler = (chunk: Uint8Array, offset: number) => void | Promise<void>;

/** What a caller may say about one request. */
export interface RequestOptions {
  /** Cancels the request: the promise rejects at once with code `aborted`, and the server is told. */
  signal?: AbortSignal;
  onOutput?: OutputHandler;
  /** Called once when nothing more can come for this request, with the result if one came (also after an abort). */
  onSettled?: (result: unknown) => void;
}

/** A request that the server has not answered yet. It outlives the link that it was sent on. */
export class PendingRequest {
  readonly promise: Promise<unknown>;
  sent = false;
  /** The caller no longer waits; the reply is awaited only to keep the order of things. */
  abandoned = false;
  #resolve!: (result: unknown) => void;
  #reject!: (error: unknown) => void;
  #nextOffset = 0;
  #output: Promise<void> | null = null;
  #unlisten: () => void;

  constructor(
    readonly id: string,
    readonly method: Method,
    readonly params: unknown,
    readonly options: RequestOptions,
    onAbort: () => void,
  ) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const { signal } = options;
    signal?.addEventListener('abort', onAbort);
    this.#unlisten = () => signal?.removeEventListener('abort', onAbort);
  }

  /**
   * Hands output to the caller, in order and each byte at most once: a resumed session may send a part again.
   * @param sourceBytes how many bytes of the command's output the chunk stands for, at least
   * @returns null when the bytes are consumed, else a promise of it; it rejects with what the handler threw
   */
  output(chunk: Uint8Array, offset: number, sourceBytes: number): Promise<void> | null {
    const known = Math.max(0, this.#nextOffset - offset);
    if (!this.options.onOutput || this.abandoned || known >= chunk.length) return null;
    this.#nextOffset = offset + sourceBytes;
    const fresh = known > 0 ? chunk.subarray(known) : chunk;
    const deliver = () => this.options.onOutput?.(fresh, offset + known);
    if (this.#output !== null) {
      this.#output = this.#output.then(() => (this.abandoned ? undefined : deliver()));
      return this.#output;
    }
    const pending = deliver();
    if (!(pending instanceof Promise)) return null;
    this.#output = pending;
    return pending;
  }

  /** Resolves the caller's promise after all output was consumed. */
  async succeed(result: unknown): Promise<void> {
    this.#unlisten();
    // What the handler threw has already rejected the promise.
    await this.#output?.catch(() => undefined);
    this.#resolve(result);
    this.#settle(result);
  }

  fail(error: unknown): void {
    this.#unlisten();
    this.#reject(error);
    this.#settle(undefined);
  }

  /** Rejects the caller's promise while the answer of the server is still to come. */
  abandon(error: unknown): void {
    this.abandoned = true;
    this.#unlisten();
    this.#reject(error);
  }

  #settle(result: unknown): void {
    this.options.onSettled?.(result);
  }
}
