import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { storing } from '../../files/storage-fault.js';
import { NOTHING_SPENT, type Spent } from '../../run/spent.js';
import type { Attempt, Outcome } from '../../store/attempt.js';
import type { Ledger } from '../../store/ledger.js';
import { readTrajectory } from '../read-trajectory.js';
import { TrajectoryError } from '../trajectory-error.js';
import { outcomeOf } from './outcome-of.js';
import type { SamplePlaces } from './sample-places.js';
import { spentOn } from './spent-on.js';

/**
 * Settles what an earlier process of the run left on its way: where the trajectory is there, whole, of that very try, it is taken in;
 * else the try is lost, and its attempt is played again.
 * @param onAdopted called for each that is taken in, with what the ledger knew already of its costs
 * @throws StorageFault, StoreError
 */
export async function takeInLeft(
  { ledger, places, runId }: { ledger: Ledger; places: SamplePlaces; runId: string },
  onAdopted: (attempt: Attempt, outcome: Outcome, known: Spent) => void,
): Promise<void> {
  for (const left of ledger.leftRunning()) {
    const attempt = ledger.attempt(left.attempt)!;
    const ended_at = new Date().toISOString();
    const outcome = await outcomeOnDisk(attempt, left.number, runId, places);
    if (outcome === null) {
      const message = 'The process that played it was killed.';
      ledger.endTry(attempt.id, left.number, { end: 'lost', ended_at, message, spent: {} }, Number.POSITIVE_INFINITY);
      continue;
    }
    const { server, episode_id, started_at } = left;
    ledger.adopt(
      attempt.id,
      { server, episode_id, started_at },
      { end: 'result', ended_at, outcome, spent: spentOn(outcome) },
    );
    onAdopted(attempt, outcome, left);
  }
  // A loss of power may have undone the last rows of the ledger; trajectories are older than their rows.
  for await (const attempt of openOnDisk(ledger, places)) {
    const outcome = await outcomeOnDisk(attempt, null, runId, places);
    if (outcome === null) continue;
    const at = new Date().toISOString();
    const ending = { end: 'result', ended_at: at, outcome, spent: spentOn(outcome) } as const;
    ledger.adopt(attempt.id, { server: null, episode_id: null, started_at: at }, ending);
    onAdopted(attempt, outcome, NOTHING_SPENT);
  }
}

/** Open attempts of which a trajectory is there: each directory is read once, when its first attempt comes up. */
async function* openOnDisk(ledger: Ledger, places: SamplePlaces): AsyncGenerator<Attempt, void, undefined> {
  const known = new Map<string, ReadonlySet<string>>();
  for (const attempt of ledger.attempts({ state: 'open' })) {
    const file = places.trajectory(attempt.id);
    const directory = path.dirname(file);
    let names = known.get(directory);
    if (names === undefined) {
      names = new Set(await storing(directory, () => readdir(directory)).catch(ifMissing([])));
      known.set(directory, names);
    }
    if (names.has(path.basename(file))) yield attempt;
  }
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw error;
  };
}

/** @param number of the try; null: whichever it was. @returns null when there is none, or one of another try */
async function outcomeOnDisk(
  { id, gpus }: Attempt,
  number: number | null,
  runId: string,
  places: SamplePlaces,
): Promise<Outcome | null> {
  const file = places.trajectory(id);
  const contents = await storing(file, () => readFile(file)).catch(ifMissing(null));
  if (contents === null) return null;
  try {
    const { trajectory } = await readTrajectory(file);
    const record = trajectory.gymsmith;
    const own = record?.attempt;
    if (!record || own?.run !== runId || own.id !== id || (number !== null && own.try !== number)) return null;
    const sha256 = createHash('sha256').update(contents).digest('hex');
    const exitStatus = trajectory.info.exit_status ?? '';
    return outcomeOf(record, { exitStatus, gpus, bytes: contents.length, sha256 });
  } catch (error) {
    if (error instanceof TrajectoryError) return null;
    throw error;
  }
}
