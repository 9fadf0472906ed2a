import { expect, it } from 'vitest';
import { WorkClock } from '../../src/synth/verification/work-clock.js';

/** A queue whose doors are opened by hand. */
class Doors {
  readonly #waiting: (() => void)[] = [];

  queue = async <T>(work: () => Promise<T>): Promise<T> => {
    await new Promise<void>((open) => this.#waiting.push(open));
    return work();
  };

  async open(): Promise<void> {
    this.#waiting.shift()?.();
    await new Promise(setImmediate);
  }
}

it('the time of a gate stands still while all of its work waits for a sandbox [S7]', async () => {
  let nowMs = 1000;
  const clock = new WorkClock(() => nowMs);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  const doors = new Doors();
  const queue = clock.over(doors.queue);
  const began = clock.ms;
  const ends: (() => void)[] = [];
  const work = () => queue(() => new Promise<void>((end) => ends.push(end)));
  const both = [work(), work()];
  pass(100);
  expect(clock.ms - began).toBe(0);
  await doors.open();
  pass(7);
  expect(clock.ms - began).toBe(7);
  ends.shift()!();
  await both[0];
  pass(200);
  await doors.open();
  pass(5);
  ends.shift()!();
  await both[1];
  pass(1);
  expect(clock.ms - began).toBe(13);
});

it('a place that was refused is not waited for any longer [S7]', async () => {
  let nowMs = 0;
  const clock = new WorkClock(() => nowMs);
  const queue = clock.over(async <T>(_work: () => Promise<T>): Promise<T> => {
    nowMs += 50;
    throw new Error('refused');
  });
  await expect(queue(async () => 1)).rejects.toThrow('refused');
  nowMs += 3;
  expect(clock.ms).toBe(3);
});
