import { SandboxError } from './sandbox.js';

/** GPUs that one owner has for itself until it gives them back. */
export interface GpuLease {
  readonly uuids: readonly string[];
  /** Idempotent. */
  release(): void;
}

export interface GpuLeaseOptions {
  signal?: AbortSignal;
  /** Called with the number of requests ahead, at once and whenever it changes, while the request waits. */
  onPosition?: (ahead: number) => void;
}

/** State of the GPUs, for metrics. */
export interface GpuLeaseStats {
  total: number;
  leased: number;
  waiting: number;
  /** Milliseconds that the longest waiting request has waited. */
  longestWaitMs: number;
  granted: number;
  byUuid: { uuid: string; leased: boolean; sinceMs: number | null }[];
}

interface Waiter {
  count: number;
  sinceMs: number;
  grant: (lease: GpuLease) => void;
  onPosition: ((ahead: number) => void) | undefined;
}

/**
 * Exclusive leases of GPUs, by UUID. Strictly first come, first served: a request for many is not overtaken by requests for
 * few, so none starves.
 */
export class GpuLeases {
  readonly #free: string[];
  readonly #leasedSinceMs = new Map<string, number>();
  readonly #queue: Waiter[] = [];
  readonly #total: number;
  #granted = 0;

  /** @param uuids all GPUs that may be leased; none is a normal machine */
  constructor(uuids: readonly string[]) {
    this.#free = [...new Set(uuids)];
    this.#total = this.#free.length;
  }

  /**
   * Waits for its turn and leases `count` GPUs; none for 0.
   * @throws SandboxError `resources` at once when this machine has fewer; the reason of the signal when it fires first
   */
  async acquire(count: number, options: GpuLeaseOptions = {}): Promise<GpuLease> {
    const { signal, onPosition } = options;
    signal?.throwIfAborted();
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`${count} is not a number of GPUs`);
    if (count === 0) return { uuids: [], release: () => {} };
    if (count > this.#total) throw new SandboxError('resources', this.#refusal(count));
    if (this.#queue.length === 0 && this.#free.length >= count) return this.#grant(count);
    return new Promise<GpuLease>((resolve, reject) => {
      const waiter: Waiter = {
        count,
        sinceMs: performance.now(),
        onPosition,
        grant: (lease) => {
          signal?.removeEventListener('abort', abort);
          resolve(lease);
        },
      };
      const abort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        reject(signal!.reason);
        this.#serve();
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(waiter);
      onPosition?.(this.#queue.length - 1);
    });
  }

  /** Marks GPUs as leased that a sandbox taken over from another process holds. @throws SandboxError `resources` when one is not free */
  adopt(uuids: readonly string[]): GpuLease {
    const taken = uuids.find((uuid) => !this.#free.includes(uuid));
    if (taken !== undefined || new Set(uuids).size < uuids.length) {
      throw new SandboxError('resources', `the GPU ${taken ?? 'named twice'} is not free`);
    }
    for (const uuid of uuids) this.#free.splice(this.#free.indexOf(uuid), 1);
    return this.#lease([...uuids]);
  }

  stats(): GpuLeaseStats {
    const first = this.#queue[0];
    const sinceMs = (uuid: string): number | null => this.#leasedSinceMs.get(uuid) ?? null;
    return {
      total: this.#total,
      leased: this.#leasedSinceMs.size,
      waiting: this.#queue.length,
      longestWaitMs: first === undefined ? 0 : performance.now() - first.sinceMs,
      granted: this.#granted,
      byUuid: [...this.#free, ...this.#leasedSinceMs.keys()]
        .sort()
        .map((uuid) => ({ uuid, leased: this.#leasedSinceMs.has(uuid), sinceMs: sinceMs(uuid) })),
    };
  }

  #grant(count: number): GpuLease {
    return this.#lease(this.#free.splice(0, count));
  }

  #lease(uuids: string[]): GpuLease {
    for (const uuid of uuids) this.#leasedSinceMs.set(uuid, Date.now());
    this.#granted++;
    let released = false;
    return {
      uuids,
      release: () => {
        if (released) return;
        released = true;
        for (const uuid of uuids) this.#leasedSinceMs.delete(uuid);
        this.#free.push(...uuids);
        this.#serve();
      },
    };
  }

  #serve(): void {
    while (this.#queue[0] !== undefined && this.#queue[0].count <= this.#free.length) {
      const waiter = this.#queue.shift()!;
      waiter.grant(this.#grant(waiter.count));
    }
    for (const [ahead, waiter] of this.#queue.entries()) waiter.onPosition?.(ahead);
  }

  #refusal(count: number): string {
    if (this.#total === 0) {
      return `the task asks for ${count} GPU(s), this machine has none (nvidia-smi lists none, GYMSMITH_GPUS is empty)`;
    }
    return `the task asks for ${count} GPUs, this machine has ${this.#total}: it can never run here`;
  }
}
