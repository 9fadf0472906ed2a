import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turnstile } from '../../src/run/turnstile.js';

/** Work that ends when it is told to. */
function gate(): { work: () => Promise<void>; open: () => void } {
  let open: () => void = () => {};
  const wait = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { work: () => wait, open };
}

describe('a turnstile', () => {
  it('lets the most urgent in first, and the longest waiting among equals', async () => {
    const turnstile = new Turnstile(1);
    const first = gate();
    const order: string[] = [];
    const running = turnstile.use(first.work, () => [0]);
    const enter = (name: string, urgency: readonly number[]) =>
      turnstile.use(
        async () => void order.push(name),
        () => urgency,
      );
    const all = [
      enter('late stage', [-1, 5]),
      enter('early', [0, 1]),
      enter('later stage', [-2, 9]),
      enter('equal', [-1, 5]),
    ];
    first.open();
    await Promise.all([running, ...all]);
    expect(order).toEqual(['later stage', 'late stage', 'equal', 'early']);
  });

  it('lets nobody wait for ever: who was overtaken by many is next', async () => {
    const turnstile = new Turnstile(1);
    let hasPassed = false;
    let overtook = 0;
    const busy = async (): Promise<void> => {
      await Promise.resolve();
      if (hasPassed) return;
      overtook++;
      const another = turnstile.use(busy, () => [-1]);
      void another;
    };
    const running = turnstile.use(
      async () => {},
      () => [-1],
    );
    void turnstile.use(busy, () => [-1]);
    const patient = turnstile.use(
      async () => {
        hasPassed = true;
      },
      () => [0],
    );
    void turnstile.use(busy, () => [-1]);
    await Promise.all([running, patient]);
    expect(overtook).toBeGreaterThan(10);
    expect(overtook).toBeLessThan(200);
  });

  it('turns away who stops waiting, and keeps its count, whatever happens', async () => {
    const step = fc.record({ urgency: fc.integer({ min: -3, max: 3 }), aborts: fc.boolean(), fails: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 30 }), async (places, steps) => {
        const turnstile = new Turnstile(places);
        let inside = 0;
        let most = 0;
        const entered = steps.map(({ urgency, aborts, fails }) => {
          const controller = new AbortController();
          const entry = turnstile.use(
            async () => {
              most = Math.max(most, ++inside);
              await Promise.resolve();
              inside--;
              if (fails) throw new Error('failed');
            },
            () => [urgency],
            controller.signal,
          );
          if (aborts) controller.abort(new Error('aborted'));
          return entry;
        });
        await Promise.allSettled(entered);
        expect(most).toBeLessThanOrEqual(places);
        expect([turnstile.inside, turnstile.waiting, inside]).toEqual([0, 0, 0]);
      }),
    );
  });
});
