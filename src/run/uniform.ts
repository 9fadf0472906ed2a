import { createHash } from 'node:crypto';

/** Bits of a hash that a double holds exactly. */
const BITS = 48;

/**
 * Chance that depends on nothing but what it is for.
 * @param parts what is decided, such as a seed, an id and a number
 * @returns evenly distributed in [0, 1), the same for the same parts
 */
export function uniform(...parts: readonly (string | number)[]): number {
  return (
    createHash('sha256')
      .update(JSON.stringify(parts))
      .digest()
      .readUIntBE(0, BITS / 8) /
    2 ** BITS
  );
}
