import type { SandboxSpec } from './sandbox.js';

/** Sandboxes whose specs have the same key can stand for each other: all that is fixed at creation is in it. */
export function poolKey({ image, resources, network, mounts, writable = [], environment }: SandboxSpec): string {
  const { cpus, memoryBytes, diskBytes, pids, gpus } = resources;
  return JSON.stringify([
    image,
    [cpus, memoryBytes, diskBytes, pids, [...gpus].sort()],
    network,
    mounts.map(({ hostPath, path }) => [path, hostPath]).sort(),
    writable.map(({ hostPath, path }) => [path, hostPath]).sort(),
    environment && [environment.programs, Object.entries(environment.variables).sort()],
  ]);
}
