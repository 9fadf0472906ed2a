import type { SandboxSpec } from '../../src/sandbox/sandbox.js';

/** Small reserves, so that a test fills them fast. */
export function conformanceSpec(label: string, overrides: Partial<SandboxSpec> = {}): SandboxSpec {
  return {
    image: 'gymsmith/cpu',
    resources: { cpus: 1, memoryBytes: 768 << 20, diskBytes: 128 << 20, pids: 96, gpus: [] },
    network: 'none',
    mounts: [],
    lifetimeMs: 600_000,
    labels: { owner: label },
    ...overrides,
  };
}
