/** Numbers that look random and are the same in every run with the same seed. */
export class Dice {
  constructor(private state: number) {}

  /** @returns a whole number from 0 to below `bound` */
  roll(bound: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)]!;
  }
}

const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  -(2 ** 63),
  1e308,
  '',
  'x',
  '\ud83d',
  '__proto__',
  'constructor',
  'x'.repeat(5000),
  [],
  {},
  [[[[[]]]]],
  { length: 5 },
  Object.fromEntries(['toJSON', 'then', '__proto__'].map((key) => [key, 1])),
];

/** @returns a value like `value` with one place of it changed, removed or doubled */
export function mutateValue(value: unknown, dice: Dice): unknown {
  if (typeof value !== 'object' || value === null || dice.roll(4) === 0) return dice.pick(ODD_VALUES);
  if (Array.isArray(value)) {
    if (value.length === 0) return [dice.pick(ODD_VALUES)];
    const index = dice.roll(value.length);
    return value.map((item, position) => (position === index ? mutateValue(item, dice) : item));
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return { [dice.pick(['type', 'id', 'data'])]: dice.pick(ODD_VALUES) };
  const index = dice.roll(entries.length);
  const [key, item] = entries[index]!;
  if (dice.roll(5) === 0) return Object.fromEntries(entries.filter((_, position) => position !== index));
  return { ...value, [key]: mutateValue(item, dice) };
}

/** @returns the frame with some bytes flipped, cut, doubled or put in */
export function mutateBytes(frame: Uint8Array, dice: Dice): Uint8Array {
  let bytes = Buffer.from(frame);
  for (let count = dice.roll(4) + 1; count > 0; count -= 1) {
    const at = dice.roll(bytes.length + 1);
    const length = dice.roll(8);
    const [before, rest] = [bytes.subarray(0, at), bytes.subarray(at)];
    switch (dice.roll(5)) {
      case 0:
        bytes = Buffer.concat([before, Buffer.from([dice.roll(256)]), rest.subarray(1)]);
        break;
      case 1:
        bytes = Buffer.concat([before, rest.subarray(length)]);
        break;
      case 2:
        bytes = Buffer.concat([before, rest.subarray(0, length), rest]);
        break;
      case 3:
        bytes = Buffer.concat([before, randomBytes(dice, length), rest]);
        break;
      default:
        bytes = Buffer.from(before);
    }
  }
  return bytes;
}

export function randomBytes(dice: Dice, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => dice.roll(256)));
}
