import { z } from 'zod';
import { Topic } from '../../synth/candidate.js';
import { FAULTS } from './faults/faults.js';

const faults = z
  .array(
    z.string().refine((name) => name in FAULTS, { error: ({ input }) => `there is no fault ${JSON.stringify(input)}` }),
  )
  .default([]);

/** How a candidate of a topic ends. */
const Expected = z.strictObject({
  end: z.enum(['published', 'frontier', 'rejected']),
  reason: z.string().optional().describe('as `reasons.ts` names it; of rejected ones and those of the frontier'),
  attempts: z.int().min(0).describe('how often programs were written'),
});

/** An entry of `index.yaml`: what is wrong with the replies for a topic, and what must come of it. */
export const IndexEntry = z.strictObject({
  topic: z.string().describe('file of `topics/` without its ending'),
  task: z.string().describe('directory of `tasks/` that its programs come from'),
  repeats: z
    .string()
    .optional()
    .describe('topic of which this one is a near-duplicate: it is proposed in the same batch, right behind it'),
  proposal: faults.describe('faults of the proposal'),
  design: faults.describe('faults of the answer about the dataset'),
  attempts: z.array(faults).default([]).describe('faults of each attempt; later ones are sound'),
  never_mended: z.boolean().default(false).describe('later attempts are like the last one that is listed'),
  mended_by: z
    .enum(['any', 'repair'])
    .default('any')
    .describe('`repair`: an attempt that starts over begins with the first faults again'),
  player: faults.describe('faults of the episode that the teacher plays'),
  expected: Expected.nullable().describe(
    'with p_debug = 1 and k = 3; null: it is no candidate, because the topic is not accepted',
  ),
});
export type IndexEntry = z.output<typeof IndexEntry>;

/** A file of `topics/`: the topic, and in which it differs from the task that its programs come from. */
export const TopicRecording = z.strictObject({
  topic: Topic,
  /** Fields of the proposal over those of the task. */
  proposal: z.record(z.string(), z.unknown()),
  design: z.record(z.string(), z.unknown()).nullable().default(null),
  /** Texts of programs and actions that are replaced, all of them at once. */
  replace: z.record(z.string(), z.string()).default({}),
});
export type TopicRecording = z.output<typeof TopicRecording>;

/** An action of a recorded episode: a command, or a file of `solution/` that is written and perhaps run. */
export const RecordedAction = z.union([z.string(), z.strictObject({ write: z.string(), run: z.string().optional() })]);
