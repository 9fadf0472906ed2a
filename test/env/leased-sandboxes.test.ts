import { describe, expect, it } from 'vitest';
import { LeasedSandboxes } from '../../src/env/workspace/leased-sandboxes.js';
import type { SandboxRequest } from '../../src/env/workspace/sandbox-source.js';
import { GpuLeases } from '../../src/sandbox/gpu-leases.js';
import { SandboxError, type SandboxSpec } from '../../src/sandbox/sandbox.js';
import { ScriptedSandbox } from '../../src/testing/scripted-sandbox.js';

const request: SandboxRequest = {
  image: 'gymsmith/gpu',
  resources: { cpus: 1, memoryBytes: 1, diskBytes: 1, pids: 1 },
  gpus: 1,
  network: 'none',
  mounts: [],
  lifetimeMs: 1000,
  labels: {},
};

function leased(gpus: string[]) {
  const specs: SandboxSpec[] = [];
  const stock = {
    fails: false,
    take: async (spec: SandboxSpec) => {
      if (stock.fails) throw new SandboxError('unavailable', 'no');
      specs.push(spec);
      return new ScriptedSandbox(`s${specs.length}`, spec);
    },
  };
  const leases = new GpuLeases(gpus);
  const backend = { adopt: async (id: string) => new ScriptedSandbox(id, specs[0] as SandboxSpec) };
  return { source: new LeasedSandboxes(stock, leases, backend), leases, specs, stock };
}

const signal = new AbortController().signal;

describe('LeasedSandboxes [E6]', () => {
  it('leases GPUs for as long as their sandbox lives', async () => {
    const { source, leases, specs } = leased(['GPU-a', 'GPU-b']);
    const sandbox = await source.acquire(request, signal);
    expect(specs[0]?.resources.gpus).toEqual(['GPU-a']);
    expect(leases.stats().leased).toBe(1);
    await source.release(sandbox);
    await source.release(sandbox);
    expect(leases.stats().leased).toBe(0);
  });

  it('leaves lent GPUs to their lender', async () => {
    const { source, leases, specs } = leased(['GPU-a']);
    const agent = await source.acquire(request, signal);
    const evaluator = await source.acquire({ ...request, gpus: agent.spec.resources.gpus }, signal);
    expect(specs[1]?.resources.gpus).toEqual(['GPU-a']);
    await source.release(evaluator);
    expect(leases.stats().leased).toBe(1);
    await source.release(agent);
    expect(leases.stats().leased).toBe(0);
  });

  it('keeps no lease without a sandbox', async () => {
    const { source, leases, stock } = leased(['GPU-a']);
    stock.fails = true;
    await expect(source.acquire(request, signal)).rejects.toMatchObject({ code: 'unavailable' });
    expect(leases.stats().leased).toBe(0);
    await expect(source.acquire({ ...request, gpus: 2 }, signal)).rejects.toMatchObject({ code: 'resources' });
  });

  it('takes the GPUs over with an adopted sandbox [B4]', async () => {
    const { source, leases } = leased(['GPU-a']);
    await source.release(await source.acquire(request, signal));
    const sandbox = await source.adopt('s1');
    expect(leases.stats().leased).toBe(1);
    await expect(source.adopt('s1')).rejects.toMatchObject({ code: 'resources' });
    await source.release(sandbox);
    expect(leases.stats().leased).toBe(0);
  });
});
