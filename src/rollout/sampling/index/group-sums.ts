import { z } from 'zod';
import { NOTHING_SPENT, Spent } from '../../../run/spent.js';
import { sumSpent } from '../../../run/sum-spent.js';
import type { SampleIndex } from './read-index.js';
import { TaskSums } from './task-sums.js';

const count = z.int().min(0);

/** What became of some attempts, and what they took. */
export const GroupSums = TaskSums.omit({ task: true, model: true, direction: true, baseline: true, best: true }).extend(
  {
    tries: count.describe('that were begun'),
    infrastructure: count.describe('tries that server, sandbox or connection ended'),
    endpoint: count.describe('tries that the endpoint of the model ended'),
    lost: count.describe('tries whose process was killed'),
    stopped: count.describe('tries that somebody stopped'),
    spent: Spent.describe('by all tries, those that came to nothing included'),
  },
);
export type GroupSums = z.output<typeof GroupSums>;

type Key = { task: string; model: string };
type Added = Exclude<keyof GroupSums, 'spent'>;

const NOTHING: GroupSums = {
  ...(Object.fromEntries(
    Object.keys(GroupSums.shape)
      .filter((name) => name !== 'spent')
      .map((name) => [name, 0]),
  ) as Record<Added, number>),
  spent: NOTHING_SPENT,
};
const OF_TASKS = Object.keys(GroupSums.shape).filter((name): name is Added & keyof TaskSums => name in TaskSums.shape);

/**
 * @param keyOf which group something belongs to
 * @param always groups that are there even when nothing belongs to them
 * @returns the sums of each group, in the order in which groups come up
 */
export function groupSums(
  index: SampleIndex,
  keyOf: (row: Key) => string,
  always: readonly string[] = [],
): Map<string, GroupSums> {
  const groups = new Map<string, GroupSums>(always.map((key) => [key, { ...NOTHING }]));
  const groupOf = (row: Key): GroupSums => {
    const key = keyOf(row);
    const known = groups.get(key) ?? { ...NOTHING };
    groups.set(key, known);
    return known;
  };
  for (const row of index.tasks) {
    const group = groupOf(row);
    for (const name of OF_TASKS) group[name] += row[name];
  }
  for (const row of index.faults) groupOf(row)[row.end] += row.count;
  for (const row of index.tries) {
    const group = groupOf(row);
    group.tries += row.tries;
    group.spent = sumSpent(group.spent, row.spent);
  }
  return groups;
}
