import type { Owner, Owners } from '../files/owners.js';
import { log } from '../log.js';
import type { SandboxBackend, SandboxRecord } from './sandbox.js';

/** What a server was before it was started again under its name. */
export interface EarlierLife {
  /** Value of the label `owner`. */
  owner: string;
  /** Unix time in milliseconds at which the present life began. */
  endedAtMs: number;
}

/** A backend that can be cleaned up after. */
export interface CleanableBackend extends Pick<SandboxBackend, 'name' | 'list' | 'destroy'> {
  /** Whether this process made or adopted the sandbox and has not destroyed it. */
  holds(id: string): boolean;
  /**
   * Removes what creations and removals that were cut short left before that time.
   * @param earlier what is left of it needs no grace
   */
  sweep(madeBeforeMs: number, earlier?: EarlierLife): Promise<void>;
}

export interface JanitorOptions {
  backends: readonly CleanableBackend[];
  owners: Owners;
  /** This server. */
  owner: Owner;
  /** Sandboxes that a record of this server names although it has not adopted them yet. */
  isAwaited?: (id: string) => boolean;
  intervalMs?: number;
  /** How old something must be before it counts as left behind. */
  graceMs?: number;
}

/** Removes sandboxes that nobody owns any more; what a living server owns is its own business. */
export class Janitor {
  readonly #options: Required<JanitorOptions>;
  readonly #startedAtMs = Date.now();
  readonly #timer: NodeJS.Timeout;
  #sweeping: Promise<string[]> | null = null;

  constructor(options: JanitorOptions) {
    this.#options = { isAwaited: () => false, intervalMs: 60_000, graceMs: 120_000, ...options };
    this.#timer = setInterval(() => void this.sweep(), this.#options.intervalMs).unref();
  }

  /** Looks once over everything. Never rejects. @returns ids of the sandboxes that were removed */
  sweep(): Promise<string[]> {
    this.#sweeping ??= (async () => {
      try {
        return (await Promise.all(this.#options.backends.map((backend) => this.#sweepOne(backend)))).flat();
      } finally {
        this.#sweeping = null;
      }
    })();
    return this.#sweeping;
  }

  /** Stops and waits for a sweep under way. Idempotent, never rejects. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }

  async #sweepOne(backend: CleanableBackend): Promise<string[]> {
    const removed: string[] = [];
    try {
      for (const record of await backend.list({})) {
        if (!(await this.#isLeft(backend, record))) continue;
        log.info(
          { sandbox: record.id, backend: backend.name, labels: record.labels },
          'removing a sandbox that nobody owns',
        );
        await backend.destroy(record.id);
        removed.push(record.id);
      }
      const earlier = { owner: this.#options.owner.id, endedAtMs: this.#startedAtMs };
      await backend.sweep(Date.now() - this.#options.graceMs, earlier);
    } catch (error) {
      log.warn({ err: error, backend: backend.name }, 'the janitor could not look over the sandboxes');
    }
    return removed;
  }

  async #isLeft(backend: CleanableBackend, { id, labels, createdAtMs }: SandboxRecord): Promise<boolean> {
    if (backend.holds(id) || this.#options.isAwaited(id)) return false;
    const isOld = Date.now() - createdAtMs > this.#options.graceMs;
    // One of its own that it does not hold is being made right now, or was lost on the way out, or is from an earlier life.
    if (labels.owner === this.#options.owner.id) return isOld || createdAtMs < this.#startedAtMs;
    return isOld && (await this.#options.owners.stateOf(labels.owner ?? '')) === 'dead';
  }
}
