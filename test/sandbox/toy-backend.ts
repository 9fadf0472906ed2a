import {
  type Sandbox,
  type SandboxBackend,
  SandboxError,
  type SandboxRecord,
  type SandboxSpec,
} from '../../src/sandbox/sandbox.js';
import { ScriptedSandbox } from '../../src/testing/scripted-sandbox.js';

/** A backend in memory whose creations take their time and can be made to fail. */
export class ToyBackend implements SandboxBackend {
  readonly name = 'local';
  readonly made: ScriptedSandbox[] = [];
  creating = 0;
  attempts = 0;
  mostCreating = 0;
  swept: number[] = [];
  readonly records: SandboxRecord[] = [];
  /** What the next creations come to; `null` succeeds. */
  failures: (Error | null)[] = [];
  readonly #gates: (() => void)[] = [];

  /** @param isGated creations wait for `finishOne`; @param heedsSignal they end when they are given up */
  constructor(
    private readonly isGated = false,
    private readonly heedsSignal = true,
  ) {}

  async create(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox> {
    this.creating++;
    this.attempts++;
    this.mostCreating = Math.max(this.mostCreating, this.creating);
    try {
      if (!this.isGated) await new Promise((resolve) => setImmediate(resolve));
      else {
        await new Promise<void>((resolve) => {
          this.#gates.push(resolve);
          if (this.heedsSignal) signal?.addEventListener('abort', () => resolve(), { once: true });
        });
      }
      if (this.heedsSignal) signal?.throwIfAborted();
      const failure = this.failures.shift();
      if (failure) throw failure;
      const sandbox = new ScriptedSandbox(`sb-${this.made.length}`, spec);
      this.made.push(sandbox);
      return sandbox;
    } finally {
      this.creating--;
    }
  }

  /** Lets the creation go on that has waited longest. */
  async finishOne(): Promise<void> {
    while (this.#gates.length === 0) await new Promise((resolve) => setImmediate(resolve));
    this.#gates.shift()!();
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Ids of the sandboxes that live. */
  alive(): string[] {
    return this.made.filter((sandbox) => sandbox.destroyed === 0).map((sandbox) => sandbox.id);
  }

  async adopt(id: string): Promise<Sandbox> {
    throw new SandboxError('lost', `there is no ${id}`);
  }

  async list(labels: Readonly<Record<string, string>>): Promise<SandboxRecord[]> {
    return this.records.filter((record) =>
      Object.entries(labels).every(([name, value]) => record.labels[name] === value),
    );
  }

  async destroy(id: string): Promise<void> {
    const index = this.records.findIndex((record) => record.id === id);
    if (index >= 0) this.records.splice(index, 1);
  }

  holds(id: string): boolean {
    return this.alive().includes(id);
  }

  async sweep(madeBeforeMs: number): Promise<void> {
    this.swept.push(madeBeforeMs);
  }

  async identify(image: string): Promise<string> {
    return `made of ${image}`;
  }

  async probe(): Promise<{ available: boolean; detail: string; remedy: string | null }> {
    return { available: true, detail: 'in memory', remedy: null };
  }

  async close(): Promise<void> {}
}

/** A spec whose kind is told by its image. */
export function toySpec(image: string, gpus: readonly string[] = []): SandboxSpec {
  return {
    image,
    resources: { cpus: 1, memoryBytes: 1, diskBytes: 1, pids: 1, gpus },
    network: 'none',
    mounts: [],
    lifetimeMs: 60_000,
    labels: { owner: 'whoever', episode: 'e1' },
  };
}
