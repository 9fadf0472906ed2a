import { z } from 'zod';

const count = z.int().min(0);
/** Columns of the histogram, none apart. */
const MAX_BINS = 16;

/** How many valid trajectories tasks have. */
export const ValidDistribution = z.strictObject({
  tasks: count,
  without: count.describe('tasks that have none'),
  mean: z.number(),
  least: count,
  lower_quartile: z.number(),
  median: z.number(),
  upper_quartile: z.number(),
  most: count,
  histogram: z
    .array(z.strictObject({ from: count, to: count.describe('inclusive'), tasks: count }))
    .describe('tasks by their valid trajectories, those without any apart'),
});
export type ValidDistribution = z.output<typeof ValidDistribution>;

/** @param valid valid trajectories of each task @returns how they are spread; quartiles are interpolated, as Hyndman and Fan's type 7 */
export function validDistribution(valid: readonly number[]): ValidDistribution {
  const sorted = valid.toSorted((a, b) => a - b);
  const most = sorted.at(-1) ?? 0;
  const width = Math.max(1, Math.ceil(most / MAX_BINS));
  const bins = Array.from({ length: Math.ceil(most / width) }, (_, at) => ({
    from: at * width + 1,
    to: (at + 1) * width,
    tasks: 0,
  }));
  const histogram = [{ from: 0, to: 0, tasks: 0 }, ...bins];
  for (const number of sorted) histogram[Math.ceil(number / width)]!.tasks++;
  return {
    tasks: sorted.length,
    without: histogram[0]!.tasks,
    mean: sorted.reduce((sum, number) => sum + number, 0) / (sorted.length || 1),
    least: sorted[0] ?? 0,
    lower_quartile: quantile(sorted, 0.25),
    median: quantile(sorted, 0.5),
    upper_quartile: quantile(sorted, 0.75),
    most,
    histogram,
  };
}

function quantile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [below = 0, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}
