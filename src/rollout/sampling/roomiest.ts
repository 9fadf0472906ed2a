import type { ServerGovernor } from './server-governor.js';

/** @returns the server with most free places for so many GPUs; where nobody tells, with the fewest taken; null: none has room */
export function roomiest(governors: readonly ServerGovernor[], gpus: number): ServerGovernor | null {
  let best: ServerGovernor | null = null;
  for (const one of governors) {
    if (!one.hasRoom(gpus)) continue;
    const [left, right] = [one.room.free, best?.room.free ?? -1];
    if (best === null || left > right || (left === right && one.room.ours < best.room.ours)) best = one;
  }
  return best;
}
