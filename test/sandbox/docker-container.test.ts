import { describe, expect, it } from 'vitest';
import {
  type ContainerPlan,
  containerOptions,
  labelFilter,
  recordOf,
  specOf,
} from '../../src/sandbox/docker/docker-container.js';
import { toySpec } from './toy-backend.js';

const spec = {
  ...toySpec('gymsmith/gpu', ['GPU-a', 'GPU-b']),
  resources: { cpus: 2.5, memoryBytes: 4 << 28, diskBytes: 1 << 28, pids: 300, gpus: ['GPU-a', 'GPU-b'] },
};
const plan: ContainerPlan = {
  id: 'sb-1',
  spec,
  reach: 'bind',
  runDir: '/run/x',
  mounts: [{ source: '/data', path: '/home/agent/workspace/data', isVolume: false }],
  limitsLayer: false,
};

describe('the container of a sandbox', () => {
  it('gets its GPUs by UUID through the engine, and none when it asks for none [E6]', () => {
    expect(containerOptions(plan).HostConfig?.DeviceRequests).toEqual([
      { Driver: 'nvidia', DeviceIDs: ['GPU-a', 'GPU-b'], Capabilities: [['gpu']] },
    ]);
    expect(containerOptions({ ...plan, spec: toySpec('a') }).HostConfig?.DeviceRequests).toBeUndefined();
  });

  it('has every limit set, no privilege, no network and a root that cannot be written [B4] [B5]', () => {
    const { HostConfig: host } = containerOptions(plan);
    expect(host).toMatchObject({
      NetworkMode: 'none',
      Memory: (4 << 28) + (1 << 28),
      MemorySwap: (4 << 28) + (1 << 28),
      NanoCpus: 2_500_000_000,
      PidsLimit: 300,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      AutoRemove: true,
    });
    expect(host?.Privileged).toBeUndefined();
    expect(host?.Mounts?.filter((mount) => !mount.ReadOnly).map((mount) => mount.Target)).toEqual(['/run/gymsmith']);
    const sizes = Object.values(host?.Tmpfs as Record<string, string>).map((options) =>
      Number(/size=(\d+)/.exec(options)?.[1]),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1 << 28);
  });

  it('has its disk in its own layer where the engine can limit that, and its memory for itself then [B4]', () => {
    const { HostConfig: host } = containerOptions({ ...plan, limitsLayer: true });
    expect(host).toMatchObject({ StorageOpt: { size: String(1 << 28) }, Memory: 4 << 28, ReadonlyRootfs: false });
    expect(Object.keys(host?.Tmpfs as object)).not.toContain('/home/agent');
  });

  it('tells by its labels what it was made from [B4]', () => {
    const { Labels: labels } = containerOptions(plan);
    expect(specOf(labels!)).toEqual(spec);
    expect(recordOf(labels!)).toMatchObject({ id: 'sb-1', labels: spec.labels });
    expect(specOf({})).toBeNull();
    expect(labelFilter({ owner: 'me' })).toEqual(['gymsmith.id', 'gymsmith.owner=me']);
  });
});
