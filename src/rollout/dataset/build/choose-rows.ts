import { createHash, type Hash } from 'node:crypto';
import type { LabelledFile } from '../../labels/labelled-file.js';
import type { StudentTokenizer } from '../../tokens/student-tokenizer.js';
import type { DatasetSettings } from '../dataset-settings.js';
import type { TrajectorySource } from '../find-sources.js';
import type { DatasetManifest } from '../manifest.js';
import { TrajectorySelector } from '../select-trajectories.js';
import type { Selection } from '../selection/selection.js';
import type { ShardItem } from '../shards/shard-job.js';
import type { BuildListener } from './build-listener.js';
import { labelSources } from './label-sources.js';
import { PartClock } from './part-clock.js';
import { hasTurn, RowFactsKeeper } from './row-facts.js';

/** What is to be written, and what it was chosen from. */
export interface ChosenRows {
  selection: Selection;
  /** Of the kept ones, and of some that were not. */
  items: ReadonlyMap<string, ShardItem>;
  sources: DatasetManifest['sources'];
}

/** How trajectories are labelled and chosen from. */
export interface ChooseOptions {
  tokenizer: StudentTokenizer;
  labelsDirectory: string;
  threads: number;
  signal: AbortSignal;
  listener: BuildListener;
}

/** Labels the trajectories of all sources and decides which ones are kept. @throws as `labelSources` does */
export async function chooseRows(
  sources: readonly TrajectorySource[],
  settings: DatasetSettings,
  { tokenizer, labelsDirectory, threads, signal, listener }: ChooseOptions,
): Promise<ChosenRows> {
  const selector = new TrajectorySelector<LabelledFile>(settings, (item) => hasTurn(item, settings));
  const keeper = new RowFactsKeeper();
  const items = new Map<string, ShardItem>();
  const places = sources.flatMap((source, at) => source.requests.map(() => at));
  const hashes = sources.map(() => createHash('sha256'));
  const clock = new PartClock(listener, 'labels', places.length);
  let known = 0;
  const labelled = labelSources(sources, {
    tokenizer,
    threads,
    signal,
    labelsDirectory,
    onProgress: (progress) => {
      clock.add(0, progress.known > known);
      known = progress.known;
    },
  });
  let at = 0;
  for await (const item of labelled) {
    const source = places[at++]!;
    selector.add(item);
    hashFile(hashes[source]!, item.id, item.fault === null ? item.sha256 : '-');
    if (item.fault !== null) listener.onUnreadable?.(item.fault);
    else if (hasTurn(item, settings)) items.set(item.id, keeper.facts(item));
  }
  return {
    selection: selector.select(),
    items,
    sources: sources.map(({ name, run, requests }, index) => ({
      name,
      run,
      trajectories: requests.length,
      sha256: hashes[index]!.digest('hex'),
    })),
  };
}

function hashFile(hash: Hash, id: string, sha256: string): void {
  hash.update(`${JSON.stringify([id, sha256])}\n`);
}
