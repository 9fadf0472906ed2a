import { uniform } from '../../../run/uniform.js';
import { groupBy } from './group-by.js';
import { topicCluster } from './topic-cluster.js';

export type Split = 'train' | 'test';

/**
 * Splits by task, so that no task is on both sides, and tasks of one topic are on one. Which tasks are held out depends on the tasks and
 * the seed, not on a filter: datasets of the same trajectories under other filters hold out the same tasks.
 * @param tasks all of them
 * @param withRows those of which something was kept; one of them at least is for training
 * @param heldOut share of the tasks; groups are taken by chance for as long as that comes nearer to the share
 */
export function splitTasks(
  tasks: readonly string[],
  withRows: ReadonlySet<string>,
  heldOut: number,
  seed: number,
): Map<string, Split> {
  const clusters = groupBy([...tasks].sort(), topicCluster);
  const drawn = [...clusters.keys()]
    .map((name) => ({ name, chance: uniform(seed, 'split', name) }))
    .sort((a, b) => a.chance - b.chance || (a.name < b.name ? -1 : 1));
  const wanted = heldOut * tasks.length;
  const test = new Set<string>();
  let taken = 0;
  for (const { name } of drawn) {
    const size = clusters.get(name)!.length;
    if (Math.abs(taken + size - wanted) >= Math.abs(taken - wanted)) continue;
    test.add(name);
    taken += size;
  }
  const hasRows = ({ name }: { name: string }) => clusters.get(name)!.some((task) => withRows.has(task));
  const filled = drawn.filter(hasRows);
  const last = filled.at(-1);
  if (last && filled.every(({ name }) => test.has(name))) test.delete(last.name);
  return new Map(tasks.map((task) => [task, test.has(topicCluster(task)) ? 'test' : 'train']));
}
