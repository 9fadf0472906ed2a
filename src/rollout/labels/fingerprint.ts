import { createHash } from 'node:crypto';
import type { TrajectoryFile } from '../parse-trajectory.js';

/** Words of the loop when a model could not go on. */
const GAVE_UP = /^exit_(?:context|cost|error|format|api)$/;
const HEX_DIGITS = 32;

/** @returns a hash of what was done, space around lines and empty lines apart; what the loop did in the model's stead does not count */
export function fingerprint({ trajectory, gymsmith }: TrajectoryFile['trajectory']): string {
  const hash = createHash('sha256');
  for (const [index, { action }] of trajectory.entries()) {
    const sent = gymsmith?.steps[index]?.sent;
    const lines = action.split('\n').map((line) => line.trimEnd());
    const done = lines.filter((line) => line !== '').join('\n');
    if (GAVE_UP.test(done)) continue;
    hash.update(sent ? JSON.stringify(sent) : done).update('\0');
  }
  return hash.digest('hex').slice(0, HEX_DIGITS);
}
