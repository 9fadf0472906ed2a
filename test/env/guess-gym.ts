import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { writeGuessPack } from './guess-pack.js';
import { RealGym } from './real-gym.js';

/** Opens the guess pack in local sandboxes for the tests of a file. @returns gives the gym once they run */
export function guessGym(): () => RealGym {
  let gym: RealGym | undefined;
  let pack = '';
  beforeAll(async () => {
    pack = await mkdtemp(path.join(tmpdir(), 'gymsmith-guess-'));
    await writeGuessPack(pack);
    gym = await RealGym.open(pack);
  });
  afterAll(async () => {
    await gym?.close();
    await rm(pack, { recursive: true, force: true });
  });
  return () => {
    if (!gym) throw new Error('the gym opens before the first test');
    return gym;
  };
}
