import { z } from 'zod';
import { TeacherSettings } from '../agent/models/teacher-settings.js';
import { GATES } from './gates/gate.js';

const count = z.int().min(0);
const positive = z.int().positive();
const share = z.number().min(0).max(1);

/** `synth.yaml`, and what is kept with a run: everything that decides what a synthesis does. */
export const SynthSettings = z.strictObject({
  seed: count.default(0).describe('decides what is left to chance: splits, teachers, repair or restart'),
  topics: positive.default(20).describe('topics to be sampled'),
  tasks_per_topic: positive.default(1),
  topic_batch: positive.default(25).describe('topics asked for in one question'),
  topic_similarity: share.default(0.6).describe('a topic as similar to an accepted one as this is a near-duplicate'),
  topic_list: z.array(z.string().min(1)).default([]).describe('topics of your own; none: the teacher samples them'),
  from_repo: z
    .strictObject({
      path: z.string().min(1).describe('a Git repository on this machine'),
      commit: z.string().min(1).describe('branch, tag or commit; the run keeps the commit that it meant'),
      component: z
        .string()
        .nullable()
        .default(null)
        .describe('what the tasks are to be about; null: the teacher finds it'),
    })
    .nullable()
    .default(null)
    .describe('make tasks from a code base instead of topics'),
  teachers: z.array(TeacherSettings).min(1),
  reviewer: TeacherSettings.nullable().default(null).describe('model of the review gate; null: the teacher'),
  p_debug: share
    .default(0.7)
    .describe('probability that a failure is repaired with its evidence, instead of starting over'),
  debug_iterations: count.default(5).describe('k: most attempts after the first one'),
  /** Which gates judge; see `gates/gate.ts`. */
  gates: z.partialRecord(z.enum(GATES), z.boolean()).default({}).describe('gates that differ from their default'),
  hub: z
    .strictObject({
      check: z.boolean().default(true).describe('false: proposals are taken at their word (ablation)'),
      allow_substitutes: z
        .boolean()
        .default(true)
        .describe('take the best match of a search where the named one is missing'),
      sample_rows: positive.default(5),
      cell_characters: positive.default(200).describe('longer cells of sample rows are cut'),
      max_rows: positive.default(20_000).describe('rows that a task keeps, training and test together'),
      max_bytes: positive.default(512 * 2 ** 20).describe('most that is downloaded of one dataset'),
      test_share: share.default(0.25),
      blocked: z
        .array(z.string())
        .default([])
        .describe('datasets that may not be used, beside those of the benchmarks'),
    })
    .prefault({}),
  verification: z
    .strictObject({
      baseline_runs: positive.default(3),
      baseline_timeout_s: positive.default(600),
      evaluation_runs: positive.default(3),
      evaluation_timeout_s: positive.default(120),
      cost: z
        .strictObject({
          baseline_s: z.number().positive().default(600),
          evaluation_s: z.number().positive().default(60),
          memory_bytes: positive.nullable().default(null).describe('null: what the environment has'),
          gpu_memory_bytes: positive.nullable().default(null).describe('null: no limit'),
        })
        .prefault({})
        .describe('most that a baseline and an evaluation may take; limits of time above end them at once'),
      agent: z.string().default('default').describe('agent that plays: a name that ships, or a file'),
      agent_episodes: count.default(1).describe('episodes that the teacher plays; 0: none (ablation)'),
      agent_max_steps: positive.default(50),
      agent_max_usd: z.number().min(0).default(4).describe('most that one episode may cost; 0: no limit'),
    })
    .prefault({}),
  environment: z
    .strictObject({
      image: z.string().default('gymsmith/cpu'),
      description: z
        .string()
        .default(
          'Python 3.11 with numpy 1.24, pandas 1.5, scikit-learn 1.2, scipy 1.10 and joblib; 2 CPU cores, no GPU',
        )
        .describe('what programs find, in words for the teacher'),
      cpus: z.number().positive().default(2),
      memory_bytes: positive.default(4 * 2 ** 30),
      gpus: count.default(0),
    })
    .prefault({}),
  budget: z
    .strictObject({
      usd: z.number().positive().nullable().default(null),
      tokens: positive.nullable().default(null),
      gpu_hours: z.number().positive().nullable().default(null),
    })
    .prefault({})
    .describe('null: no limit'),
  concurrency: z
    .strictObject({
      candidates: positive.default(256).describe('candidates under way at once'),
      teacher: positive.default(16).describe('questions to the teacher at once'),
      sandboxes: positive.nullable().default(null).describe('sandboxes at once; null: what the machine holds'),
    })
    .prefault({}),
  contamination: z.array(z.string()).default([]).describe('packs and MLGym checkouts that tasks may not repeat'),
  prompts: z.string().nullable().default(null).describe('directory of prompts that stand over those that ship'),
  publish: z
    .strictObject({
      namespace: z
        .string()
        .regex(/^[\w-]+$/)
        .default('synth'),
      pack: z.string().nullable().default(null).describe('directory; null: `pack` in the directory of the run'),
      reload: z
        .url()
        .nullable()
        .default(null)
        .describe('address of a server that loads the pack again after each task'),
    })
    .prefault({}),
});
export type SynthSettings = z.output<typeof SynthSettings>;
