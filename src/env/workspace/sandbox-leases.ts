import { RpcError } from '../../protocol/index.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { SandboxRequest, SandboxSource } from './sandbox-source.js';

/** The sandboxes of one owner. Each is released exactly once, also those that arrive after the owner has ended. */
export class SandboxLeases {
  readonly #source: SandboxSource;
  readonly #held = new Map<Sandbox, Promise<void> | null>();
  readonly #arriving = new Set<Promise<unknown>>();
  readonly #ending = new AbortController();

  constructor(source: SandboxSource) {
    this.#source = source;
  }

  /** @throws SandboxError; the signal's reason; RpcError `cancelled` when the owner ended meanwhile */
  acquire(request: SandboxRequest, signal?: AbortSignal): Promise<Sandbox> {
    const either = signal ? AbortSignal.any([signal, this.#ending.signal]) : this.#ending.signal;
    return this.#take(() => this.#source.acquire(request, either));
  }

  /** Takes up a sandbox that an earlier process acquired. @throws SandboxError `lost` */
  adopt(id: string): Promise<Sandbox> {
    return this.#take(() => this.#source.adopt(id));
  }

  /** Idempotent, never rejects. */
  async release(sandbox: Sandbox): Promise<void> {
    const under = this.#held.get(sandbox);
    if (under === undefined) return;
    const releasing = under ?? this.#source.release(sandbox).then(() => void this.#held.delete(sandbox));
    if (under === null) this.#held.set(sandbox, releasing);
    await releasing;
  }

  /** Ends the owner: releases everything, and whatever still arrives. Idempotent, never rejects. */
  async releaseAll(): Promise<void> {
    this.#ending.abort(new RpcError('cancelled', 'The episode was closed.'));
    await Promise.all([...this.#held.keys()].map((sandbox) => this.release(sandbox)));
    await Promise.allSettled(this.#arriving);
  }

  async #take(take: () => Promise<Sandbox>): Promise<Sandbox> {
    this.#ending.signal.throwIfAborted();
    const arrival = this.#arrive(take);
    this.#arriving.add(arrival);
    try {
      return await arrival;
    } finally {
      this.#arriving.delete(arrival);
    }
  }

  async #arrive(take: () => Promise<Sandbox>): Promise<Sandbox> {
    const sandbox = await take();
    this.#held.set(sandbox, null);
    if (this.#ending.signal.aborted) {
      await this.release(sandbox);
      throw this.#ending.signal.reason;
    }
    return sandbox;
  }
}
