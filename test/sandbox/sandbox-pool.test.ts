import { afterEach, describe, expect, it } from 'vitest';
import { poolKey } from '../../src/sandbox/pool-key.js';
import { SandboxError } from '../../src/sandbox/sandbox.js';
import { SandboxPool, type SandboxPoolOptions } from '../../src/sandbox/sandbox-pool.js';
import { ScriptedSandbox } from '../../src/testing/scripted-sandbox.js';
import { ToyBackend, toySpec } from './toy-backend.js';

const pools: SandboxPool[] = [];

function poolOf(backend: ToyBackend, options: Partial<SandboxPoolOptions> = {}): SandboxPool {
  const pool = new SandboxPool(backend, { warm: 1, labels: { owner: 'pool' }, ...options });
  pools.push(pool);
  return pool;
}

/** Waits until something holds, as long as the test may run. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

describe('the pool of sandboxes', () => {
  it('gives out what is ready and makes the next one ahead [B4]', async () => {
    const backend = new ToyBackend();
    const pool = poolOf(backend, { warm: 2 });
    pool.prefetch(toySpec('a'));
    await until(() => pool.stats().warm === 2);
    const first = await pool.take(toySpec('a'));
    expect(first.id).toBe('sb-0');
    expect(pool.stats()).toMatchObject({ hits: 1, misses: 0 });
    await until(() => pool.stats().warm === 2);
    expect(backend.made.length).toBe(3);
  });

  it('begins the lifetime of a ready one anew when it is taken [B4]', async () => {
    const backend = new ToyBackend();
    const pool = poolOf(backend);
    pool.prefetch(toySpec('a'));
    await until(() => pool.stats().warm === 1);
    const sandbox = (await pool.take(toySpec('a'))) as ScriptedSandbox;
    expect(sandbox.calls).toContain('setLifetime');
  });

  it('makes sandboxes with its own labels, not with those of one taker [B4]', async () => {
    const pool = poolOf(new ToyBackend(), { warm: 0 });
    expect((await pool.take(toySpec('a'))).spec.labels).toEqual({ owner: 'pool' });
  });

  it('keeps none that could not be given the lifetime that was asked for [B4]', async () => {
    const made: ScriptedSandbox[] = [];
    const backend = new ToyBackend();
    backend.create = async (spec) => {
      const before = (operation: string): void => {
        if (operation === 'setLifetime') throw new SandboxError('lost', 'gone');
      };
      made.push(new ScriptedSandbox('s', spec, { before }));
      return made.at(-1)!;
    };
    const pool = poolOf(backend, { warm: 0 });
    await pool.take(toySpec('a'));
    await expect(pool.take({ ...toySpec('a'), lifetimeMs: 1 })).rejects.toMatchObject({ code: 'lost' });
    expect(made.map(({ destroyed }) => destroyed)).toEqual([0, 1]);
  });

  it('keeps kinds apart by image, resources, network and mounts, not by labels and lifetime [B4]', () => {
    const spec = toySpec('a');
    expect(poolKey({ ...spec, labels: {}, lifetimeMs: 1 })).toBe(poolKey(spec));
    expect(poolKey({ ...spec, resources: { ...spec.resources, gpus: ['x', 'y'] } })).toBe(
      poolKey({ ...spec, resources: { ...spec.resources, gpus: ['y', 'x'] } }),
    );
    const others = [
      toySpec('b'),
      { ...spec, network: 'open' as const },
      { ...spec, mounts: [{ hostPath: '/a', path: '/b' }] },
      { ...spec, environment: { programs: ['/a'], variables: {} } },
      { ...spec, writable: [{ hostPath: '/a', path: '/b' }] },
      { ...spec, resources: { ...spec.resources, memoryBytes: 2 } },
    ];
    expect(new Set([spec, ...others].map(poolKey)).size).toBe(7);
  });

  it('makes no more at once than it may, and serves those who wait in their order [B4]', async () => {
    const backend = new ToyBackend(true);
    const pool = poolOf(backend, { warm: 0, maxCreating: 2 });
    const served: string[] = [];
    const takes = ['a', 'b', 'a', 'c', 'b'].map((image, index) =>
      pool.take(toySpec(image)).then(() => served.push(`${index}${image}`)),
    );
    for (let made = 0; made < 5; made++) await backend.finishOne();
    await Promise.all(takes);
    expect(served).toEqual(['0a', '1b', '2a', '3c', '4b']);
    expect(backend.mostCreating).toBe(2);
  });

  it('serves who waits before it makes anything ahead [B4]', async () => {
    const backend = new ToyBackend(true);
    const pool = poolOf(backend, { warm: 3, maxCreating: 1 });
    const first = pool.take(toySpec('a'));
    const second = pool.take(toySpec('b'));
    await backend.finishOne();
    await first;
    await backend.finishOne();
    expect((await second).spec.image).toBe('b');
  });

  it('never gives out one that died while it was ready [B4]', async () => {
    const backend = new ToyBackend();
    const pool = poolOf(backend);
    pool.prefetch(toySpec('a'));
    await until(() => pool.stats().warm === 1);
    backend.made[0]!.lose('killed');
    const taken = await pool.take(toySpec('a'));
    expect(taken.id).not.toBe('sb-0');
    await until(() => backend.made[0]!.destroyed > 0);
  });

  it('makes nothing more for a while after a fault, and tells who waits about it [B4]', async () => {
    const backend = new ToyBackend();
    const pool = poolOf(backend, { warm: 2 });
    const down = new SandboxError('unavailable', 'the engine is down');
    backend.failures = [down, down, down];
    await expect(pool.take(toySpec('a'))).rejects.toMatchObject({ code: 'unavailable' });
    await until(() => pool.stats().creating === 0);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(backend.attempts).toBe(3);
    expect((await pool.take(toySpec('a'))).id).toBe('sb-0');
  });

  it('lets who waits give up, and keeps what was being made for it [B4]', async () => {
    const backend = new ToyBackend(true);
    const pool = poolOf(backend, { warm: 1 });
    const abort = new AbortController();
    const given = pool.take(toySpec('a'), abort.signal);
    abort.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    await expect(pool.take(toySpec('a'), abort.signal)).rejects.toThrow('given up');
    await backend.finishOne();
    expect(pool.stats()).toMatchObject({ warm: 1, waiting: 0 });
  });

  it('keeps no more ready over all kinds than it may, and lets the kind go that was asked for longest ago [B4]', async () => {
    const backend = new ToyBackend();
    const pool = poolOf(backend, { warm: 2, maxWarm: 3 });
    pool.prefetch(toySpec('old'));
    await until(() => pool.stats().warm === 2);
    await new Promise((resolve) => setTimeout(resolve, 5));
    pool.prefetch(toySpec('new'));
    await until(() => pool.stats().kinds.find((kind) => kind.key === poolKey(toySpec('new')))?.warm === 2);
    expect(pool.stats().warm).toBe(3);
    expect(backend.alive().length).toBe(3);
  });

  it('keeps one ready at most of those with the same GPU [E6]', async () => {
    const backend = new ToyBackend();
    const pool = poolOf(backend, { warm: 5 });
    await pool.take(toySpec('a', ['GPU-1']));
    await until(() => pool.stats().warm === 1);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(backend.made.length).toBe(2);
  });

  it('removes ready ones that nobody asked for in a long time [B4]', async () => {
    const backend = new ToyBackend();
    const pool = poolOf(backend, { warm: 2, idleMs: 40 });
    pool.prefetch(toySpec('a'));
    await until(() => backend.made.length === 2);
    await until(() => backend.alive().length === 0 || backend.made.length > 2);
    expect(backend.alive()).toEqual([]);
    expect(pool.stats().kinds).toEqual([]);
  }, 10_000);

  it('removes what is ready when it closes, what still arrives, and turns away who waits [B4]', async () => {
    const backend = new ToyBackend(true, false);
    const pool = poolOf(backend, { warm: 1, maxCreating: 2 });
    pool.prefetch(toySpec('a'));
    await backend.finishOne();
    const waiting = pool.take(toySpec('b'));
    const closing = pool.close();
    await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    // One for who waited, one made ahead.
    await backend.finishOne();
    await backend.finishOne();
    await closing;
    await pool.close();
    expect(backend.alive()).toEqual([]);
    await expect(pool.take(toySpec('a'))).rejects.toMatchObject({ code: 'unavailable' });
  });
});
