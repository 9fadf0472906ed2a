import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { RunError } from '../../run/run-error.js';
import { Ledger } from '../../store/ledger.js';
import type { LabelRequest } from '../labels/labelled-file.js';
import { SamplePlaces } from '../sampling/sample-places.js';

const ENDING = '.traj';
const RunId = z.object({ id: z.string() });

/** Where trajectories come from. */
export interface TrajectorySource {
  /** As it was given. */
  path: string;
  /** What its trajectories' ids begin with: unlike that of every other source. */
  name: string;
  /** Id of the run of sampling; null: it is none. */
  run: string | null;
  /** Ordered by id. */
  requests: LabelRequest[];
  /** File of labels that are kept with it; null: it is no run, and nothing is written there. */
  labels: string | null;
}

/**
 * Finds the trajectories of runs of sampling (the attempts that are done) and of other files and directories (all that is called
 * `*.traj`, at any depth).
 * @throws RunError for a place where there is none
 */
export async function findSources(places: readonly string[]): Promise<TrajectorySource[]> {
  const names = new Set<string>();
  const sources: TrajectorySource[] = [];
  for (const place of places) {
    const whole = path.resolve(place);
    const name = freeName(path.basename(whole) || 'root', names);
    names.add(name);
    const found = await find(whole, place);
    const requests = found.files
      .map(({ id, ...file }) => ({ id: `${name}/${id}`, ...file }))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    if (requests.length === 0) {
      throw new RunError(
        `There are no trajectories in ${place}.`,
        'Name a run of gymsmith sample that has finished attempts, or a directory with .traj files.',
      );
    }
    sources.push({ path: place, name, run: found.run, requests, labels: found.labels });
  }
  return sources;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  let free = name;
  for (let number = 2; taken.has(free); number++) free = `${name}-${number}`;
  return free;
}

async function find(
  whole: string,
  place: string,
): Promise<{ files: LabelRequest[]; run: string | null; labels: string | null }> {
  const found = await statOf(whole, place);
  if (found.isFile() && whole.endsWith(ENDING))
    return { files: [{ id: path.basename(whole), file: whole }], run: null, labels: null };
  if (!found.isDirectory()) {
    throw new RunError(`${place} is neither a directory nor a .traj file.`, 'Name a run, a directory or a .traj file.');
  }
  const run = new SamplePlaces(whole);
  if (await isFile(run.ledger)) return { files: doneAttempts(run), run: await runId(run), labels: run.labels };
  const below = await readdir(whole, { recursive: true, withFileTypes: true });
  const files = below
    .filter((entry) => entry.name.endsWith(ENDING) && !entry.isDirectory())
    .map((entry): LabelRequest => {
      const file = path.join(entry.parentPath, entry.name);
      return { id: path.relative(whole, file).split(path.sep).join('/'), file };
    });
  return { files, run: null, labels: null };
}

/** A run of another version is a source too. */
async function runId({ manifest }: SamplePlaces): Promise<string | null> {
  try {
    return RunId.parse(JSON.parse(await readFile(manifest, 'utf8'))).id;
  } catch {
    return null;
  }
}

function doneAttempts(run: SamplePlaces): LabelRequest[] {
  const ledger = Ledger.readOnly(run.ledger);
  try {
    return Array.from(ledger.recorded(), ({ id, sha256 }) => ({ id, file: run.trajectory(id), sha256 }));
  } finally {
    ledger.close();
  }
}

async function statOf(whole: string, place: string) {
  try {
    return await stat(whole);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const what =
      code === 'ENOENT' || code === 'ENOTDIR' ? `There is no ${place}.` : `${place} cannot be read: ${message}`;
    throw new RunError(what, 'Name a run of gymsmith sample, or a directory with .traj files.', { cause: error });
  }
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
