import type { ReadOnlyMount, Sandbox, SandboxEnvironment, SandboxResources } from '../../sandbox/sandbox.js';

/** A sandbox that an episode asks for. */
export interface SandboxRequest {
  image: string;
  resources: Omit<SandboxResources, 'gpus'>;
  /** How many GPUs to lease for it; or the UUIDs of GPUs that the asker has leased already and lends to it. */
  gpus: number | readonly string[];
  network: 'none' | 'open';
  mounts: readonly ReadOnlyMount[];
  environment?: SandboxEnvironment;
  /** How long it will be needed at most. */
  lifetimeMs: number;
  /** Say what it is for; who owns it is added by the source. */
  labels: Readonly<Record<string, string>>;
}

/** Where sandboxes come from, fresh, and with their GPUs leased. */
export interface SandboxSource {
  /** @throws SandboxError `unavailable`, `no_such_image`, `resources`; the signal's reason when it fires first */
  acquire(request: SandboxRequest, signal: AbortSignal): Promise<Sandbox>;
  /** Takes up a sandbox that an earlier process acquired, with its leases. @throws SandboxError `lost` */
  adopt(id: string): Promise<Sandbox>;
  /** Removes it and gives back what was leased for it. Idempotent, never rejects. */
  release(sandbox: Sandbox): Promise<void>;
}
