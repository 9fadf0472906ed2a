import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listGpus } from '../../src/sandbox/gpu-inventory.js';
import { type GpuLease, GpuLeases } from '../../src/sandbox/gpu-leases.js';

const uuids = (count: number): string[] => Array.from({ length: count }, (_, index) => `GPU-${index}`);

describe('leases of GPUs', () => {
  it('never gives one GPU to two, loses none and starves nobody, whatever happens in whatever order [E6]', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('acquire' as const), count: fc.integer({ min: 0, max: 5 }) }),
      fc.record({ kind: fc.constant('release' as const), index: fc.nat(20) }),
      fc.record({ kind: fc.constant('abort' as const), index: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 5 }), fc.array(step, { maxLength: 60 }), async (total, steps) => {
        const leases = new GpuLeases(uuids(total));
        const held: GpuLease[] = [];
        const waiting: { count: number; abort: AbortController; order: number }[] = [];
        const grants: number[] = [];
        let order = 0;
        const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
        for (const each of steps) {
          if (each.kind === 'acquire') {
            const mine = { count: each.count, abort: new AbortController(), order: order++ };
            waiting.push(mine);
            leases.acquire(each.count, { signal: mine.abort.signal }).then(
              (lease) => {
                expect(lease.uuids.length).toBe(each.count);
                held.push(lease);
                if (each.count > 0) grants.push(mine.order);
                waiting.splice(waiting.indexOf(mine), 1);
              },
              () => waiting.splice(waiting.indexOf(mine), 1),
            );
          } else if (each.kind === 'release' && held.length > 0) {
            const [lease] = held.splice(each.index % held.length, 1);
            lease!.release();
            lease!.release();
          } else if (each.kind === 'abort' && waiting.length > 0) {
            waiting[each.index % waiting.length]!.abort.abort();
          }
          await settle();
          const out = held.flatMap((lease) => lease.uuids);
          expect(new Set(out).size).toBe(out.length);
          const stats = leases.stats();
          expect(stats.leased).toBe(out.length);
          expect(stats.byUuid.length).toBe(total);
          expect(stats.waiting).toBe(waiting.length);
        }
        expect(grants).toEqual([...grants].sort((a, b) => a - b));
        while (held.length > 0) {
          held.pop()!.release();
          await settle();
        }
        expect(waiting).toEqual([]);
        expect(leases.stats()).toMatchObject({ leased: 0, waiting: 0, total });
      }),
      { numRuns: 150 },
    );
  });

  it('refuses at once what this machine can never give, and says why [B1]', async () => {
    await expect(new GpuLeases([]).acquire(1)).rejects.toMatchObject({
      code: 'resources',
      message: expect.stringContaining('this machine has none'),
    });
    await expect(new GpuLeases(uuids(2)).acquire(3)).rejects.toMatchObject({
      message: expect.stringContaining('this machine has 2'),
    });
    await expect(new GpuLeases(uuids(2)).acquire(0.5)).rejects.toThrow(RangeError);
  });

  it('leases nothing to who asks for nothing, on any machine [E6]', async () => {
    expect((await new GpuLeases([]).acquire(0)).uuids).toEqual([]);
  });

  it('does not let a request for few overtake one for many [E6]', async () => {
    const leases = new GpuLeases(uuids(2));
    const first = await leases.acquire(1);
    const order: string[] = [];
    const many = leases.acquire(2).then((lease) => {
      order.push('many');
      return lease;
    });
    const few = leases.acquire(1).then((lease) => {
      order.push('few');
      return lease;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(order).toEqual([]);
    first.release();
    (await many).release();
    await few;
    expect(order).toEqual(['many', 'few']);
  });

  it('tells who waits how many are ahead [E6]', async () => {
    const leases = new GpuLeases(uuids(1));
    const held = await leases.acquire(1);
    const positions: number[] = [];
    const ahead = leases.acquire(1);
    const mine = leases.acquire(1, { onPosition: (position) => positions.push(position) });
    held.release();
    (await ahead).release();
    await mine;
    expect(positions).toEqual([1, 0]);
  });

  it('marks as leased what an adopted sandbox holds [B4]', async () => {
    const leases = new GpuLeases(uuids(2));
    const adopted = leases.adopt(['GPU-1']);
    expect(() => leases.adopt(['GPU-1'])).toThrow('not free');
    expect((await leases.acquire(1)).uuids).toEqual(['GPU-0']);
    adopted.release();
    expect((await leases.acquire(1)).uuids).toEqual(['GPU-1']);
  });

  it('takes the GPUs that the settings name [E6]', async () => {
    expect(await listGpus(['GPU-a', 'GPU-b'])).toEqual(['GPU-a', 'GPU-b']);
  });
});
