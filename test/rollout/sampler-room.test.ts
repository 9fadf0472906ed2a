import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type NextAttempt, Scheduler } from '../../src/rollout/sampling/scheduler.js';
import { type Place, ServerRoom } from '../../src/rollout/sampling/server-room.js';

describe('the room of a server', () => {
  it('is what it told and refused, less what others have, and never more resets wait for GPUs than one [T1]', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('take' as const), gpus: fc.constantFrom(0, 0, 1, 2, 4) }),
      fc.record({ do: fc.constantFrom('started' as const, 'end' as const), at: fc.nat() }),
      fc.record({ do: fc.constant('others' as const), episodes: fc.nat(6), gpus: fc.nat(4) }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(0, 2, 4),
        fc.array(step, { maxLength: 80 }),
        (limit, total, steps) => {
          const room = new ServerRoom();
          const places: { place: Place; gpus: number; isHeld: boolean }[] = [];
          let others = { episodes: 0, gpus: 0 };
          const held = () => places.reduce((sum, { isHeld, gpus }) => sum + (isHeld ? gpus : 0), 0);
          const tell = () => {
            others = {
              episodes: Math.min(others.episodes, limit - Math.min(limit, places.length)),
              gpus: Math.min(others.gpus, total - held()),
            };
            room.told({
              episodes: { used: places.length + others.episodes, limit },
              gpus: { total, leased: held() + others.gpus, waiting: 0 },
            });
          };
          tell();
          for (const one of steps) {
            if (one.do === 'others') {
              others = one;
              tell();
            } else if (one.do === 'take') {
              if (!room.hasRoom(one.gpus)) continue;
              places.push({ place: room.take(one.gpus), gpus: one.gpus, isHeld: one.gpus === 0 });
            } else {
              const at = one.at % Math.max(1, places.length);
              const found = places[at];
              if (!found) continue;
              if (one.do === 'end') {
                found.place.end();
                found.place.end();
                places.splice(at, 1);
              } else if (!found.isHeld && held() + others.gpus + found.gpus <= total) {
                found.isHeld = true;
                found.place.started();
              }
            }
            expect(room.ours).toBe(places.length);
            expect(room.heldGpus).toBe(held());
            expect(places.length).toBeLessThanOrEqual(limit);
            expect(places.every(({ gpus }) => gpus <= total)).toBe(true);
          }
          for (const { place } of places) place.end();
          expect([room.ours, room.heldGpus]).toEqual([0, 0]);
        },
      ),
    );
  });

  it('keeps GPU tasks from holding places that tasks without GPUs could use [T1]', () => {
    const room = new ServerRoom();
    room.told({ episodes: { used: 0, limit: 20 }, gpus: { total: 2, leased: 0, waiting: 0 } });
    const begun: Place[] = [];
    while (room.hasRoom(1)) begun.push(room.take(1));
    expect(begun).toHaveLength(2);
    for (const place of begun) place.started();
    expect(room.hasRoom(1)).toBe(true);
    room.take(1);
    expect(room.hasRoom(1)).toBe(false);
    expect(room.hasRoom(0)).toBe(true);
    expect([room.canEverHold(2), room.canEverHold(3)]).toEqual([true, false]);
  });

  it('of a server that tells nothing is found out by what it refuses', () => {
    const room = new ServerRoom();
    const places = Array.from({ length: 5 }, () => room.take(0));
    places.pop()?.end();
    room.refused();
    expect([room.hasRoom(0), room.most, room.isTight]).toEqual([false, 4, true]);
    room.allowOneMore();
    expect(room.hasRoom(0)).toBe(true);
  });
});

describe('the order of attempts', () => {
  const attempt = (task: number, player: number, number: number): NextAttempt => ({
    id: `t${task}/p${player}/${number}`,
    task: `t${task}`,
    player: `p${player}`,
    gpus: 0,
  });

  it('covers tasks alike, whenever it is broken off, and gives every attempt once [T1]', () => {
    const world = fc.record({
      tasks: fc.integer({ min: 1, max: 6 }),
      players: fc.integer({ min: 1, max: 3 }),
      attempts: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(world, fc.array(fc.nat(3)), ({ tasks, players, attempts }, put) => {
        const scheduler = new Scheduler();
        const total = tasks * players * attempts;
        for (let number = 0; number < attempts; number++)
          for (let task = 0; task < tasks; task++)
            for (let player = 0; player < players; player++) scheduler.add(attempt(task, player, number));
        scheduler.ready();
        const begun = new Map<string, number>();
        const seen = new Set<string>();
        let puts = 0;
        for (let next = scheduler.next(0, () => true); next; next = scheduler.next(0, () => true)) {
          if (put[puts++] === 0) {
            scheduler.putBack(next);
            continue;
          }
          expect(seen.has(next.id)).toBe(false);
          seen.add(next.id);
          begun.set(next.task, (begun.get(next.task) ?? 0) + 1);
          const counts = Array.from({ length: tasks }, (_, task) => begun.get(`t${task}`) ?? 0);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
        expect(seen.size).toBe(total);
        expect(scheduler.open).toBe(0);
      }),
    );
  });

  it('lets tasks differ by no more than three attempts for each place and one, however long they take [T1]', () => {
    const world = fc.record({
      tasks: fc.integer({ min: 2, max: 8 }),
      attempts: fc.integer({ min: 1, max: 60 }),
      places: fc.integer({ min: 1, max: 16 }),
      seconds: fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 8, maxLength: 8 }),
    });
    fc.assert(
      fc.property(world, fc.infiniteStream(fc.nat(1000)), ({ tasks, attempts, places, seconds }, chance) => {
        const scheduler = new Scheduler();
        for (let number = 0; number < attempts; number++)
          for (let task = 0; task < tasks; task++) scheduler.add(attempt(task, 0, number));
        scheduler.ready();
        const begun = seconds.slice(0, tasks).map(() => 0);
        const underWay: NextAttempt[] = [];
        for (;;) {
          const wasOpen = scheduler.open;
          const next = underWay.length < places ? scheduler.next(Math.max(1, underWay.length), () => true) : null;
          if (next) {
            underWay.push(next);
            const at = Number(next.task.slice(1));
            begun[at] = begun[at]! + 1;
            const open = begun.filter((count) => count < attempts);
            const gap = open.length > 1 ? Math.max(...open) - Math.min(...open) : 0;
            expect(gap).toBeLessThanOrEqual(wasOpen > 3 * places ? 1 : 3 * places + 1);
            continue;
          }
          const [over] = underWay.splice(chance.next().value % Math.max(1, underWay.length), 1);
          if (!over) break;
          scheduler.took(over, seconds[Number(over.task.slice(1))]!);
        }
        expect(begun.every((count) => count === attempts)).toBe(true);
      }),
    );
  });

  it('lets the longest go first at the end, by what such attempts took [T1]', () => {
    const scheduler = new Scheduler();
    for (let number = 0; number < 3; number++) for (const task of [0, 1, 2]) scheduler.add(attempt(task, 0, number));
    scheduler.ready();
    for (const [task, seconds] of [
      [0, 5],
      [1, 60],
      [2, 20],
    ] as const)
      scheduler.took({ task: `t${task}`, player: 'p0', gpus: 0 }, seconds);
    const order = Array.from({ length: 9 }, () => scheduler.next(4, () => true)!.task);
    expect(order).toEqual(['t1', 't1', 't1', 't2', 't2', 't2', 't0', 't0', 't0']);
  });

  it('passes over what cannot be begun', () => {
    const scheduler = new Scheduler();
    scheduler.add({ ...attempt(0, 0, 0), gpus: 4 });
    scheduler.add(attempt(1, 0, 0));
    scheduler.ready();
    expect(scheduler.next(4, ({ gpus }) => gpus === 0)?.task).toBe('t1');
    expect(scheduler.next(4, ({ gpus }) => gpus === 0)).toBeNull();
    expect(scheduler.takeOut('t0')).toEqual(['t0/p0/0']);
    expect(scheduler.open).toBe(0);
  });
});
