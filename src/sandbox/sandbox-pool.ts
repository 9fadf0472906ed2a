import { log } from '../log.js';
import { poolKey } from './pool-key.js';
import { type Sandbox, type SandboxBackend, SandboxError, type SandboxSpec } from './sandbox.js';

/** Time that a ready sandbox has to answer before another one is taken. */
const ANSWER_DEADLINE_MS = 5000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

export interface SandboxPoolOptions {
  /** Sandboxes kept ready per kind. 0: every one is made when it is asked for. */
  warm: number;
  /** Sandboxes made at once, over all kinds. */
  maxCreating?: number;
  /** Sandboxes kept ready over all kinds; the kind that was asked for longest ago gives way. */
  maxWarm?: number;
  /** Ready ones of a kind that nobody asked for in this time are removed. */
  idleMs?: number;
  /** Labels of all that the pool makes; those of a taker's spec are not used, since it may get one made before. */
  labels: Readonly<Record<string, string>>;
}

/** State of the pool, for metrics. */
export interface SandboxPoolStats {
  creating: number;
  warm: number;
  waiting: number;
  /** Taken ones that were ready, and that had to be waited for. */
  hits: number;
  misses: number;
  failures: number;
  kinds: { key: string; warm: number; creating: number; waiting: number }[];
}

interface Waiter {
  kind: Kind;
  resolve: (sandbox: Sandbox) => void;
  reject: (error: unknown) => void;
}

interface Kind {
  key: string;
  spec: SandboxSpec;
  /** Ready ones; each was connected when it was last looked at and leaves the list by itself when it is lost. */
  ready: Sandbox[];
  creating: number;
  waiting: number;
  /** How many to keep ready. */
  target: number;
  usedAtMs: number;
  /** After a failure nothing is made ahead until then. */
  pausedUntilMs: number;
  pauseMs: number;
}

/** Sandboxes made ahead of need, by kind: agents' and evaluators' alike. Who takes one owns it and destroys it. */
export class SandboxPool {
  readonly #backend: SandboxBackend;
  readonly #options: Required<SandboxPoolOptions>;
  readonly #kinds = new Map<string, Kind>();
  /** All who wait, the longest waiting first. */
  readonly #queue: Waiter[] = [];
  readonly #creations = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #trimmer: NodeJS.Timeout;
  #creating = 0;
  #wakeUp: NodeJS.Timeout | undefined;
  #closed: Promise<void> | null = null;
  #hits = 0;
  #misses = 0;
  #failures = 0;

  constructor(backend: SandboxBackend, options: SandboxPoolOptions) {
    this.#backend = backend;
    this.#options = { maxCreating: 4, maxWarm: 64, idleMs: 600_000, ...options };
    this.#trimmer = setInterval(() => this.#trim(), Math.max(10, this.#options.idleMs / 4)).unref();
  }

  /**
   * A ready sandbox, or one made now; its lifetime begins anew. First come, first served, over all kinds.
   * @throws SandboxError; the reason of the signal when it fires first
   */
  async take(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    signal?.throwIfAborted();
    this.#refuseWhenClosed();
    const kind = this.#kind(spec);
    kind.target = Math.max(kind.target, this.#targetOf(spec));
    kind.usedAtMs = performance.now();
    for (let ready = kind.ready.shift(); ready !== undefined; ready = kind.ready.shift()) {
      this.#pump();
      if (!(await renew(ready, spec.lifetimeMs)) || this.#closing.signal.aborted) {
        void this.#track(ready.destroy());
        this.#refuseWhenClosed();
        continue;
      }
      if (signal?.aborted === true) {
        this.#keepReady(kind, ready);
        throw signal.reason;
      }
      this.#hits++;
      return ready;
    }
    this.#misses++;
    const made = await this.#wait(kind, signal);
    if (made.spec.lifetimeMs === spec.lifetimeMs) return made;
    try {
      await made.setLifetime(spec.lifetimeMs);
      return made;
    } catch (error) {
      await this.#track(made.destroy());
      throw error;
    }
  }

  /** Makes sandboxes of this kind ahead, as many as `warm` says or `count`. Returns at once; failures are logged. */
  prefetch(spec: SandboxSpec, count = this.#targetOf(spec)): void {
    this.#refuseWhenClosed();
    const kind = this.#kind(spec);
    kind.target = Math.max(kind.target, count);
    kind.usedAtMs = performance.now();
    this.#pump();
  }

  stats(): SandboxPoolStats {
    const kinds = [...this.#kinds.values()].map(({ key, ready, creating, waiting }) => {
      return { key, warm: ready.length, creating, waiting };
    });
    return {
      creating: this.#creating,
      warm: kinds.reduce((sum, kind) => sum + kind.warm, 0),
      waiting: this.#queue.length,
      hits: this.#hits,
      misses: this.#misses,
      failures: this.#failures,
      kinds,
    };
  }

  /** Removes all that is ready and turns away all who wait. Idempotent, never rejects. Taken ones stay with their takers. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      clearInterval(this.#trimmer);
      clearTimeout(this.#wakeUp);
      this.#closing.abort(new SandboxError('unavailable', 'the pool of sandboxes was closed'));
      for (const waiter of this.#queue.splice(0)) waiter.reject(this.#closing.signal.reason);
      const ready = [...this.#kinds.values()].flatMap((kind) => kind.ready.splice(0));
      await Promise.all([...ready.map((sandbox) => sandbox.destroy()), ...this.#creations]);
    })();
    return this.#closed;
  }

  #refuseWhenClosed(): void {
    this.#closing.signal.throwIfAborted();
  }

  /** A GPU is one owner's at a time, so a second sandbox with the same ones could not be used. */
  #targetOf(spec: SandboxSpec): number {
    return spec.resources.gpus.length > 0 ? Math.min(1, this.#options.warm) : this.#options.warm;
  }

  #kind(spec: SandboxSpec): Kind {
    const key = poolKey(spec);
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      kind = {
        key,
        spec: { ...spec, labels: this.#options.labels },
        ready: [],
        creating: 0,
        waiting: 0,
        target: 0,
        usedAtMs: performance.now(),
        pausedUntilMs: 0,
        pauseMs: FIRST_PAUSE_MS,
      };
      this.#kinds.set(key, kind);
    }
    // A ready one must last at least as long as the longest that was asked for.
    if (spec.lifetimeMs > kind.spec.lifetimeMs) kind.spec = { ...kind.spec, lifetimeMs: spec.lifetimeMs };
    return kind;
  }

  #wait(kind: Kind, signal?: AbortSignal): Promise<Sandbox> {
    return new Promise((resolve, reject) => {
      const settled = (): void => signal?.removeEventListener('abort', abort);
      const waiter: Waiter = {
        kind,
        resolve: (sandbox) => {
          settled();
          resolve(sandbox);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      };
      const abort = (): void => {
        this.#queue.splice(this.#queue.indexOf(waiter), 1);
        kind.waiting--;
        waiter.reject(signal!.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#queue.push(waiter);
      kind.waiting++;
      this.#pump();
    });
  }

  /** Starts what is needed next, as long as another creation is allowed. */
  #pump(): void {
    while (!this.#closing.signal.aborted && this.#creating < this.#options.maxCreating) {
      const kind = this.#nextKind();
      if (kind === undefined) return;
      const creation = this.#create(kind);
      this.#creations.add(creation);
      void creation.finally(() => this.#creations.delete(creation));
    }
  }

  /** Those who wait come first, in their order; then what is kept ready, the emptiest kind first. */
  #nextKind(): Kind | undefined {
    const served = new Map<Kind, number>();
    for (const { kind } of this.#queue) {
      const before = served.get(kind) ?? 0;
      if (before >= kind.creating) return kind;
      served.set(kind, before + 1);
    }
    const kinds = [...this.#kinds.values()];
    const now = performance.now();
    const wanting = kinds.filter((kind) => kind.target > ahead(kind) && kind.pausedUntilMs <= now);
    const total = kinds.reduce((sum, kind) => sum + ahead(kind), 0);
    if (wanting.length === 0 || (total >= this.#options.maxWarm && !this.#evictOlderThan(wanting))) return undefined;
    return wanting.sort((a, b) => ahead(a) - ahead(b) || b.usedAtMs - a.usedAtMs)[0];
  }

  /** Makes room for a kind in use by removing one of the kind that was asked for longest ago. @returns whether there is room now */
  #evictOlderThan(wanting: Kind[]): boolean {
    const newest = Math.max(0, ...wanting.map((kind) => kind.usedAtMs));
    const [oldest] = [...this.#kinds.values()]
      .filter((kind) => kind.ready.length > 0 && kind.usedAtMs < newest && !wanting.includes(kind))
      .sort((a, b) => a.usedAtMs - b.usedAtMs);
    if (oldest === undefined) return false;
    oldest.target = Math.min(oldest.target, oldest.ready.length - 1);
    void this.#track(oldest.ready.pop()!.destroy());
    return true;
  }

  async #create(kind: Kind): Promise<void> {
    this.#creating++;
    kind.creating++;
    try {
      const sandbox = await this.#backend.create(kind.spec, this.#closing.signal);
      kind.pauseMs = FIRST_PAUSE_MS;
      kind.pausedUntilMs = 0;
      if (this.#closing.signal.aborted) await sandbox.destroy();
      else this.#handOver(kind, sandbox);
    } catch (error) {
      this.#failed(kind, error);
    } finally {
      kind.creating--;
      this.#creating--;
      this.#pump();
    }
  }

  #handOver(kind: Kind, sandbox: Sandbox): void {
    this.#keepReady(kind, sandbox);
    void sandbox.lost.then((reason) => {
      const index = kind.ready.indexOf(sandbox);
      if (index < 0) return;
      kind.ready.splice(index, 1);
      log.warn({ sandbox: sandbox.id, reason }, 'a sandbox that was kept ready is gone');
      void this.#track(sandbox.destroy());
      this.#pause(kind);
    });
  }

  #keepReady(kind: Kind, sandbox: Sandbox): void {
    const waiter = this.#nextWaiter(kind);
    if (waiter === undefined) kind.ready.push(sandbox);
    else waiter.resolve(sandbox);
  }

  #failed(kind: Kind, error: unknown): void {
    if (this.#closing.signal.aborted) return;
    this.#failures++;
    this.#pause(kind);
    const waiter = this.#nextWaiter(kind);
    if (waiter !== undefined) waiter.reject(error);
    else log.warn({ err: error, image: kind.spec.image }, 'a sandbox could not be made ahead');
  }

  #nextWaiter(kind: Kind): Waiter | undefined {
    const index = this.#queue.findIndex((waiter) => waiter.kind === kind);
    if (index < 0) return undefined;
    kind.waiting--;
    return this.#queue.splice(index, 1)[0];
  }

  /** Makes nothing ahead for a while, longer each time, so that a fault does not become a storm of creations. */
  #pause(kind: Kind): void {
    kind.pausedUntilMs = performance.now() + kind.pauseMs;
    kind.pauseMs = Math.min(2 * kind.pauseMs, LONGEST_PAUSE_MS);
    this.#wakeUpLater();
  }

  #wakeUpLater(): void {
    clearTimeout(this.#wakeUp);
    const now = performance.now();
    const ends = [...this.#kinds.values()].map((kind) => kind.pausedUntilMs).filter((end) => end > now);
    if (ends.length === 0 || this.#closing.signal.aborted) return;
    const wakeUp = (): void => {
      this.#pump();
      this.#wakeUpLater();
    };
    this.#wakeUp = setTimeout(wakeUp, Math.min(...ends) - now + 1).unref();
  }

  #trim(): void {
    const limit = performance.now() - this.#options.idleMs;
    for (const kind of this.#kinds.values()) {
      if (kind.usedAtMs > limit || kind.waiting > 0) continue;
      kind.target = 0;
      for (const sandbox of kind.ready.splice(0)) void this.#track(sandbox.destroy());
      if (kind.creating === 0) this.#kinds.delete(kind.key);
    }
  }

  #track(work: Promise<void>): Promise<void> {
    this.#creations.add(work);
    return work.finally(() => this.#creations.delete(work));
  }
}

/** Sandboxes that are there or on their way without anybody waiting for them. */
function ahead(kind: Kind): number {
  return kind.ready.length + Math.max(0, kind.creating - kind.waiting);
}

/** @returns whether the sandbox answered and has its whole lifetime before it */
async function renew(sandbox: Sandbox, lifetimeMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ANSWER_DEADLINE_MS);
  });
  const renewed = sandbox.setLifetime(lifetimeMs).then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([renewed, late]);
  } finally {
    clearTimeout(timer);
  }
}
