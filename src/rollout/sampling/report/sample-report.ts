import { z } from 'zod';
import { ExitCount } from '../index/exit-counts.js';
import { FaultCount } from '../index/fault-counts.js';
import { GroupSums } from '../index/group-sums.js';
import { TaskSums } from '../index/task-sums.js';
import { ValidDistribution } from '../index/valid-distribution.js';
import { SampleManifest } from '../sample-manifest.js';

const count = z.int().min(0);

/** `report.json`: how a run of sampling stands. Attempts = open + running + done + failed, for all, by task, and by model. */
export const SampleReport = z.strictObject({
  version: z.literal(1),
  made_at: z.string(),
  run: SampleManifest,
  total: GroupSums,
  wall_seconds: z.number().describe('of all processes that worked on the run'),
  distribution: ValidDistribution,
  tasks: z
    .array(
      GroupSums.extend({
        task: z.string(),
        ...scores(),
        improvement: z
          .number()
          .nullable()
          .describe('(best - baseline) / |baseline|, its sign turned where less is better; null without both, or at 0'),
      }).describe('those with the most valid trajectories first'),
    )
    .describe('each task, over all models'),
  models: z.array(GroupSums.extend({ model: z.string() })).describe('each model, over all tasks'),
  cells: z.array(TaskSums).describe('each model at each task'),
  exits: z
    .array(
      ExitCount.omit({ task: true, model: true }).extend({
        models: z.array(z.strictObject({ model: z.string(), count })),
      }),
    )
    .describe('how episodes ended, the most frequent first'),
  faults: z
    .array(FaultCount.omit({ task: true, model: true }).extend({ tasks: count.describe('at which it came up') }))
    .describe('tries without a result by what failed, the most frequent first'),
  per_valid: z
    .strictObject({
      usd: z.number(),
      unpriced_calls: z.number(),
      tokens: z.number(),
      calls: z.number(),
      seconds: z.number().describe('of episodes'),
      gpu_hours: z.number(),
    })
    .nullable()
    .describe('everything that was spent for each valid trajectory; null without one'),
});
export type SampleReport = z.output<typeof SampleReport>;

function scores() {
  const { direction, baseline, best } = TaskSums.shape;
  return { direction, baseline, best };
}
