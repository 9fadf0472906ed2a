import { uniform } from '../../../run/uniform.js';
import type { DatasetSettings } from '../dataset-settings.js';
import type { KeptTrajectory } from '../selection/selection.js';
import type { ShardItem, ShardJob } from '../shards/shard-job.js';
import { plannedRows } from './row-facts.js';

const SPLITS = ['train', 'test'] as const;

type Settings = Pick<DatasetSettings, 'seed' | 'view' | 'shard_rows' | 'truncate_tokens' | 'formats'>;

/**
 * Decides which trajectories go into which shard, in an order that follows from the seed and their ids alone.
 * @param itemOf what is known of a kept trajectory
 */
export function planShards(
  kept: readonly KeptTrajectory[],
  itemOf: (id: string) => ShardItem,
  directory: string,
  settings: Settings,
): ShardJob[] {
  const { seed, view, truncate_tokens, formats, shard_rows } = settings;
  return SPLITS.flatMap((split) => {
    const items = kept
      .filter((trajectory) => trajectory.split === split)
      .map(({ id }) => ({ item: itemOf(id), place: uniform(seed, 'row', id) }))
      .sort((a, b) => a.place - b.place || (a.item.id < b.item.id ? -1 : 1))
      .map(({ item }) => item);
    const shards = divide(items, view, shard_rows);
    return shards.map((some, number) => ({
      directory,
      split,
      number,
      of: shards.length,
      settings: { view, truncate_tokens, formats },
      items: some,
    }));
  });
}

function divide(items: readonly ShardItem[], view: DatasetSettings['view'], most: number): ShardItem[][] {
  const shards: ShardItem[][] = [];
  let rows = most;
  for (const item of items) {
    const more = plannedRows(item, view);
    if (rows + more > most) {
      shards.push([]);
      rows = 0;
    }
    shards.at(-1)!.push(item);
    rows += more;
  }
  return shards;
}
