import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { storing } from '../../../files/storage-fault.js';
import { holdingRun } from '../../../run/hold-run.js';
import { RunError } from '../../../run/run-error.js';
import type { StudentTokenizer } from '../../tokens/student-tokenizer.js';
import type { DatasetSettings } from '../dataset-settings.js';
import { findSources } from '../find-sources.js';
import { type DatasetManifest, DROPS } from '../manifest.js';
import type { SelectionTally } from '../selection/tally-selection.js';
import type { BuildListener } from './build-listener.js';
import { checkStudent } from './check-student.js';
import { type ChosenRows, chooseRows } from './choose-rows.js';
import { datasetManifest, writePages } from './finish-dataset.js';
import { openTokenizer } from './open-tokenizer.js';
import { planShards } from './plan-shards.js';
import { ShardRecords } from './shard-records.js';
import { writeShards } from './write-shards.js';

/** More threads take more memory than they save time: reading and writing is what is waited for then. */
const MOST_THREADS = 4;

const MANIFEST = 'manifest.json';
/** What a manifest of every version has. */
const Listed = z.object({ template: z.object({ name: z.string() }), files: z.array(z.object({ path: z.string() })) });

/** Of who builds, in the directory of a dataset under construction. */
const LOCK = '.lock';

/** How a dataset is built, apart from what decides what is in it. */
export interface BuildOptions {
  /** Directory of the dataset: there when it is whole, and not before. */
  out: string;
  /** Puts it into the place of what is there. */
  force: boolean;
  /** Where labels are kept of sources that are no runs. */
  labelsDirectory: string;
  /** Unset: as many as there are processors, and not too many. */
  threads?: number;
  signal: AbortSignal;
  listener?: BuildListener;
}

/**
 * Makes a dataset out of trajectories: labels them, decides which are kept, and writes their rows. Built beside its place and put there
 * when it is whole; a build that ended early goes on with what it has, when it is given the same.
 * @throws RunError where sources, tokenizer or the place are of no use, or nothing is kept; FilterError; StorageFault where the machine
 *   does not keep it; the signal's reason
 */
export async function buildDataset(settings: DatasetSettings, options: BuildOptions): Promise<DatasetManifest> {
  const out = path.resolve(options.out);
  const building = `${out}.building`;
  await (options.force ? refuseForeign(out) : refuseExisting(out));
  return storing(building, () =>
    holdingRun(building, 'ps', async () => {
      try {
        const { chosen, tokenizer } = await chooseFor(settings, options);
        refuseNothing(chosen.selection.tally());
        const warning = await checkStudent(chosen.selection.kept, settings);
        if (warning !== null) options.listener?.onWarning?.(warning);
        const manifest = await write(building, settings, chosen, tokenizer, options);
        await rm(path.join(building, LOCK), { recursive: true, force: true });
        if (options.force) await replace(building, out);
        else await rename(building, out);
        return manifest;
      } catch (error) {
        await removeUnbegun(building);
        throw error;
      }
    }),
  );
}

/** @returns what a dataset of these settings would hold: labels are kept, and nothing else is written. @throws as `buildDataset` does */
export async function planDataset(
  settings: DatasetSettings,
  options: Omit<BuildOptions, 'out' | 'force'>,
): Promise<SelectionTally> {
  const { chosen } = await chooseFor(settings, options);
  return chosen.selection.tally();
}

async function chooseFor(
  settings: DatasetSettings,
  options: Omit<BuildOptions, 'out' | 'force'>,
): Promise<{ chosen: ChosenRows; tokenizer: StudentTokenizer }> {
  const sources = await findSources(settings.sources);
  const tokenizer = await openTokenizer(settings.tokenizer);
  const { labelsDirectory, signal, listener = {}, threads = defaultThreads() } = options;
  const chosen = await chooseRows(sources, settings, { tokenizer, labelsDirectory, threads, signal, listener });
  listener.onSelection?.(chosen.selection.tally());
  return { chosen, tokenizer };
}

async function write(
  building: string,
  settings: DatasetSettings,
  { selection, items, sources }: ChosenRows,
  tokenizer: StudentTokenizer,
  { signal, listener = {}, threads = defaultThreads() }: BuildOptions,
): Promise<DatasetManifest> {
  const jobs = planShards(selection.kept, (id) => items.get(id)!, building, settings);
  const records = new ShardRecords(building, tokenizer.sha256);
  await mkdir(building, { recursive: true });
  await records.removeOthers(jobs);
  const results = await writeShards(jobs, records, { threads, tokenizer: tokenizer.parts, signal, listener });
  for (const { without_rows } of results) for (const id of without_rows) selection.dropNoTurn(id);
  const tally = selection.tally();
  refuseNothing(tally);
  const manifest = datasetManifest(settings, tally, sources, results, tokenizer);
  await writePages(building, manifest, settings);
  await records.remove();
  return manifest;
}

function defaultThreads(): number {
  return Math.min(availableParallelism(), MOST_THREADS);
}

async function refuseExisting(out: string): Promise<void> {
  const there = await namesIn(out);
  if (there === null || there.length === 0) return;
  throw new RunError(`${out} exists.`, 'Name another directory with --out, or replace it with --force.');
}

/** What is replaced is removed: only a dataset is, or nothing. */
async function refuseForeign(out: string): Promise<void> {
  const there = await namesIn(out);
  if (there === null || there.length === 0 || (await isDataset(out))) return;
  throw new RunError(`${out} holds something else than a dataset: --force does not replace it.`, 'Name another --out.');
}

/** Whether `manifest.json` is one of ours, of whatever version. */
async function isDataset(directory: string): Promise<boolean> {
  const text = await readFile(path.join(directory, MANIFEST), 'utf8').catch(() => '');
  try {
    return Listed.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

/** @returns null when nothing is there; no directory: one empty name */
async function namesIn(directory: string): Promise<string[] | null> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    if (error.code === 'ENOTDIR') return [''];
    throw error;
  });
}

function refuseNothing({ kept, trajectories, dropped }: SelectionTally): void {
  if (kept > 0) return;
  const why = DROPS.filter((drop) => dropped[drop]).map((drop) => `${dropped[drop]} ${drop}`);
  throw new RunError(
    `None of ${trajectories} trajectories is kept: ${why.join(', ')}.`,
    dropped.no_turn
      ? 'Of those with no_turn not even the first answer fits into a row: raise --truncate.'
      : 'gymsmith dataset stats shows what each preset would keep; --preset none keeps what is not rejected.',
  );
}

/** Before a shard is begun there is nothing to go on with. */
async function removeUnbegun(building: string): Promise<void> {
  const there = await readdir(building).catch(() => []);
  if (there.every((name) => name === LOCK)) await rm(building, { recursive: true, force: true });
}

/** For a moment neither is there; what was there before stays until the new one is. */
async function replace(building: string, out: string): Promise<void> {
  const old = `${out}.replaced-${process.pid}`;
  await rm(old, { recursive: true, force: true });
  await rename(out, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(building, out);
  await rm(old, { recursive: true, force: true });
}
