import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfig } from '../../config.js';
import { labelSources } from '../../rollout/dataset/build/label-sources.js';
import { openTokenizer } from '../../rollout/dataset/build/open-tokenizer.js';
import { findSources } from '../../rollout/dataset/find-sources.js';
import { DatasetManifest } from '../../rollout/dataset/manifest.js';
import { TrajectoryStats } from '../../rollout/dataset/stats/trajectory-stats.js';
import { RunError } from '../../run/run-error.js';
import { Output } from '../output.js';
import { ProgressLine } from '../progress-line.js';
import { abortOnSignal } from '../tasks/abort-on-signal.js';
import { printManifest, printStats } from './print-stats.js';
import { readDatasetSettings } from './read-dataset-settings.js';
import type { SelectionFlags } from './selection-flags.js';

export interface StatsFlags extends SelectionFlags {
  all?: boolean;
  json?: boolean;
}

/** Shows what a dataset holds, or what trajectories are like and what would be kept of them. Nothing is written but labels. */
export async function showStats(places: readonly string[], flags: StatsFlags): Promise<void> {
  const output = new Output();
  const isAll = flags.all === true;
  const [only] = places;
  const manifest = places.length === 1 && only !== undefined ? await readDatasetManifest(only) : null;
  if (manifest !== null) {
    if (flags.json) output.line(JSON.stringify(manifest));
    else printManifest(manifest, isAll, output);
    return;
  }
  const settings = readDatasetSettings(places, flags);
  const stats = new TrajectoryStats(settings);
  const sources = await findSources(settings.sources);
  const tokenizer = await openTokenizer(settings.tokenizer);
  const { signal, done } = abortOnSignal('stopped; labels that were found are kept');
  const progress = new ProgressLine(new Output(process.stderr));
  try {
    progress.show('labelling');
    const items = labelSources(sources, {
      tokenizer,
      labelsDirectory: path.join(readConfig().stateDir, 'labels'),
      signal,
      onProgress: ({ done, of, filesPerSecond }) => progress.note(`${done} of ${of}, ${Math.round(filesPerSecond)}/s`),
    });
    for await (const item of items) stats.add(item);
  } finally {
    progress.clear();
    done();
  }
  const report = stats.report();
  if (!flags.json) {
    printStats(report, isAll, output);
    return;
  }
  const counted = sources.map(({ path, requests }) => ({ path, trajectories: requests.length }));
  output.line(JSON.stringify({ sources: counted, settings, ...report }));
}

/** @returns null: this is no dataset that was built @throws RunError for a manifest that cannot be read */
async function readDatasetManifest(directory: string): Promise<DatasetManifest | null> {
  const file = path.join(path.resolve(directory), 'manifest.json');
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return null;
  }
  const fault = (what: string) =>
    new RunError(`${file} is no manifest of a dataset: ${what}`, 'Build the dataset anew: gymsmith dataset build');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fault((error as Error).message);
  }
  const parsed = DatasetManifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fault(`${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}
