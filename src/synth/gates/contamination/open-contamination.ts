import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { PROJECT_ROOT } from '../../../config.js';
import { loadPack } from '../../../env/packs/pack.js';
import type { Journal } from '../../journal/journal.js';
import type { BenchmarkPrint } from './benchmark-print.js';
import type { ContaminationSources, EarlierTask } from './contamination-sources.js';
import { goalOf } from './goal-of.js';
import { decodePrint } from './print-file.js';
import { printPack } from './print-pack.js';

/** Made by `gymsmith synth fingerprint`: hashes of MLGym's tasks, none of their text. */
const MLGYM_PRINT = path.join(PROJECT_ROOT, 'fingerprints', 'mlgym.bin');
const REFERENCE_PACK = path.join(PROJECT_ROOT, 'packs', 'reference');

async function printOf(place: string): Promise<BenchmarkPrint> {
  if ((await stat(place)).isDirectory()) return printPack(place);
  try {
    return decodePrint(await readFile(place));
  } catch (error) {
    throw new Error(`${place} ${(error as Error).message}`, { cause: error });
  }
}

async function publishedIn(pack: string): Promise<EarlierTask[]> {
  const { tasks } = await loadPack(pack);
  return tasks.map(({ envId, name, config }) => ({ id: envId, name, description: goalOf(config.description) }));
}

/** What the sources are opened from. */
export interface OpenContaminationOptions {
  /** Packs, checkouts and files of fingerprints of the settings. */
  places: readonly string[];
  /** Pack that is published into; it need not exist. */
  pack: string;
  /** Keeps what the pack held when the run began, so that a run that is taken up does not compare tasks with themselves. */
  journal: Journal;
  /** Proposals of lower number; see `ContaminationSources`. */
  earlier: ContaminationSources['earlier'];
}

/**
 * Opens what the tasks of a run may not repeat: MLGym's tasks, the reference pack, what the settings name, and the pack.
 * @throws Error for a place that holds no tasks and no fingerprints
 */
export async function openContamination(options: OpenContaminationOptions): Promise<ContaminationSources> {
  const benchmarks = [await printOf(MLGYM_PRINT), await printOf(REFERENCE_PACK)];
  for (const place of options.places) benchmarks.push(await printOf(place));
  const { answer } = await options.journal.once('contamination/published', {}, () => publishedIn(options.pack));
  return { benchmarks, published: answer, earlier: options.earlier };
}
