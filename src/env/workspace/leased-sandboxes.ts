import type { GpuLease, GpuLeases } from '../../sandbox/gpu-leases.js';
import type { Sandbox, SandboxBackend, SandboxSpec } from '../../sandbox/sandbox.js';
import type { SandboxRequest, SandboxSource } from './sandbox-source.js';

/** Ready sandboxes by kind, such as `SandboxPool`. */
export interface SandboxStock {
  take(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox>;
}

/** Sandboxes of a pool, with the GPUs that they ask for leased as long as they live. */
export class LeasedSandboxes implements SandboxSource {
  readonly #stock: SandboxStock;
  readonly #gpus: Pick<GpuLeases, 'acquire' | 'adopt'>;
  readonly #backend: Pick<SandboxBackend, 'adopt'>;
  readonly #leases = new Map<Sandbox, GpuLease>();

  constructor(stock: SandboxStock, gpus: Pick<GpuLeases, 'acquire' | 'adopt'>, backend: Pick<SandboxBackend, 'adopt'>) {
    this.#stock = stock;
    this.#gpus = gpus;
    this.#backend = backend;
  }

  async acquire(request: SandboxRequest, signal: AbortSignal): Promise<Sandbox> {
    const { gpus, resources, ...rest } = request;
    // Lent ones stay leased to the lender.
    const lease = typeof gpus === 'number' ? await this.#gpus.acquire(gpus, { signal }) : null;
    const uuids = typeof gpus === 'number' ? (lease?.uuids ?? []) : gpus;
    try {
      const sandbox = await this.#stock.take({ ...rest, resources: { ...resources, gpus: uuids } }, signal);
      if (lease) this.#leases.set(sandbox, lease);
      return sandbox;
    } catch (error) {
      lease?.release();
      throw error;
    }
  }

  async adopt(id: string): Promise<Sandbox> {
    const sandbox = await this.#backend.adopt(id);
    try {
      this.#leases.set(sandbox, this.#gpus.adopt(sandbox.spec.resources.gpus));
      return sandbox;
    } catch (error) {
      await sandbox.destroy();
      throw error;
    }
  }

  async release(sandbox: Sandbox): Promise<void> {
    const lease = this.#leases.get(sandbox);
    this.#leases.delete(sandbox);
    await sandbox.destroy();
    // After the destruction: until then its processes may hold the GPUs' memory.
    lease?.release();
  }
}
