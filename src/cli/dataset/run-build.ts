import path from 'node:path';
import { readConfig } from '../../config.js';
import { type BuildOptions, buildDataset, planDataset } from '../../rollout/dataset/build/build-dataset.js';
import type { DatasetSettings } from '../../rollout/dataset/dataset-settings.js';
import { CliError } from '../cli-error.js';
import { Output } from '../output.js';
import { abortOnSignal } from '../tasks/abort-on-signal.js';
import { BuildProgressView } from './build-progress-view.js';
import { printBuilt } from './print-built.js';
import { printTally } from './print-tally.js';
import { readDatasetSettings } from './read-dataset-settings.js';
import type { SelectionFlags } from './selection-flags.js';

export interface BuildFlags extends SelectionFlags {
  out: string;
  view?: DatasetSettings['view'];
  truncate?: number;
  format?: string[];
  shardRows?: number;
  title?: string;
  license?: string;
  threads?: number;
  dryRun?: boolean;
  force?: boolean;
  json?: boolean;
}

/** Builds a dataset, or says what would be in it. */
export async function runBuild(sources: readonly string[], flags: BuildFlags): Promise<void> {
  const settings = readDatasetSettings(sources, flags, [
    ...given('--view', 'view', flags.view),
    ...given('--truncate', 'truncate_tokens', flags.truncate === 0 ? null : flags.truncate),
    ...given('--format', 'formats', flags.format),
    ...given('--shard-rows', 'shard_rows', flags.shardRows),
    ...given('--title', 'card.title', flags.title),
    ...given('--license', 'card.license', flags.license),
  ]);
  if (path.resolve(flags.out) === path.resolve('/')) throw new CliError('--out is the root.', 'Name a directory.', 2);
  const output = new Output();
  const view = new BuildProgressView(new Output(process.stderr));
  const { signal, done } = abortOnSignal('stopped; the same command goes on');
  const options: BuildOptions = {
    out: flags.out,
    force: flags.force ?? false,
    threads: flags.threads,
    labelsDirectory: path.join(readConfig().stateDir, 'labels'),
    signal,
    listener: view,
  };
  try {
    if (flags.dryRun) {
      const tally = await planDataset(settings, options);
      view.clear();
      if (flags.json) output.line(JSON.stringify(tally));
      else printTally(tally, { isAll: false }, output);
      return;
    }
    const manifest = await buildDataset(settings, options);
    view.clear();
    if (flags.json) output.line(JSON.stringify(manifest));
    else printBuilt(manifest, flags.out, output);
  } finally {
    view.clear();
    done();
  }
}

function given(flag: string, key: string, value: unknown): { flag: string; path: string[]; value: unknown }[] {
  return value === undefined ? [] : [{ flag, path: key.split('.'), value }];
}
