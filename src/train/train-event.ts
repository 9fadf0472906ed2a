import { z } from 'zod';

const count = z.int().min(0);
const measured = z.number().nullable();

/** What can end a training. `killed`: the system or somebody ended it without a word. */
const TRAIN_FAULTS = [
  'out_of_memory',
  'not_finite',
  'dataset',
  'tokenizer',
  'model',
  'settings',
  'gpu',
  'disk',
  'killed',
  'other',
] as const;
export type TrainFaultKind = (typeof TRAIN_FAULTS)[number];

/** What is known of a training when its first step begins. */
export const TrainFacts = z.object({
  versions: z.record(z.string(), z.string()),
  model: z.object({
    name: z.string(),
    revision: z.string().nullable(),
    sha256: z.string().describe('over names and hashes of the weights and config.json'),
    tokenizer_sha256: z.string(),
    parameters: count,
    trainable: count,
  }),
  dataset: z.object({
    manifest_sha256: z.string(),
    rows: count,
    held_out_rows: count,
    tokens: count.describe('of the rows that are trained on'),
    compared: count.describe('rows whose counts of tokens were compared with the manifest'),
  }),
  devices: z.array(z.object({ name: z.string(), bytes: count })),
  processes: count,
  attention: z.string(),
});
export type TrainFacts = z.output<typeof TrainFacts>;

/** A line that the recipe (docker/train) writes on standard output; all but faults also go into metrics.jsonl. */
export const TrainEvent = z.discriminatedUnion('event', [
  TrainFacts.extend({ event: z.literal('begin'), resumed_from: count.describe('step of the checkpoint; 0: none') }),
  z.object({
    event: z.literal('step'),
    step: count,
    of: count,
    epoch: z.number(),
    loss: measured.describe('mean over the tokens with loss; null: not a finite number'),
    learning_rate: z.number(),
    grad_norm: measured,
    accuracy: measured.describe('share of tokens with loss that were the most likely ones'),
    tokens: count.describe('trained on since the first step'),
    tokens_per_second: z.number(),
    seconds: z.number(),
    seconds_left: z.number(),
    memory_bytes: count.describe('most that was held of a GPU; 0: no GPU'),
  }),
  z.object({
    event: z.literal('eval'),
    step: count,
    loss: measured.describe('of the held-out rows: mean over rows of the mean over their tokens'),
  }),
  z.object({ event: z.literal('checkpoint'), step: count, path: z.string() }),
  z.object({
    event: z.literal('end'),
    reason: z.enum(['done', 'stopped']),
    step: count,
    of: count,
    seconds: z.number(),
    path: z.string().nullable().describe('where the model lies, below the directory; null: it was stopped'),
  }),
  z.object({ event: z.literal('fault'), kind: z.enum(TRAIN_FAULTS), message: z.string() }),
]);
export type TrainEvent = z.output<typeof TrainEvent>;
export type TrainStep = Extract<TrainEvent, { event: 'step' }>;

/** @returns the event of a line; null for lines of others, and for one that was cut */
export function parseTrainEvent(line: string): TrainEvent | null {
  if (!line.startsWith('{')) return null;
  try {
    return TrainEvent.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
