import { z } from 'zod';
import { Spent } from '../../run/spent.js';
import { Topic } from '../candidate.js';
import { AXES } from './axes.js';

const count = z.int().min(0);

/** A topic with its place among the accepted ones, counted from 1: it is part of the ids of its candidates. */
export const NumberedTopic = z.strictObject({ number: count, topic: Topic });
export type NumberedTopic = z.output<typeof NumberedTopic>;

/** Why a topic was not taken: `repeated` has the same words as another one, `similar` nearly the same. */
export const TOPIC_REJECTIONS = ['malformed', 'repeated', 'similar', 'surplus'] as const;

/** A place in the grid of the axes. */
export const Cell = z.strictObject(Object.fromEntries(AXES.map((axis) => [axis, z.string()])) as CellShape);
type CellShape = Record<(typeof AXES)[number], z.ZodString>;
export type Cell = z.output<typeof Cell>;

/** How a question for topics went. */
const TopicBatch = z.strictObject({
  number: count.describe('from 1'),
  wanted: count,
  /** Topics that the run was to have then. */
  target: count.optional(),
  cells: z.array(Cell).describe('what the teacher was asked to fill'),
  answered: count,
  accepted: count,
  fault: z.strictObject({ kind: z.enum(['refused', 'malformed']), detail: z.string() }).nullable(),
});

/** `topics.json` in the directory of a run: all that is known of its topics, written whole after each batch. */
export const TopicsFile = z.strictObject({
  version: z.literal(1),
  batches: z.array(TopicBatch),
  /** In the order of acceptance; the number of a topic is its position from 1. */
  accepted: z.array(z.strictObject({ topic: Topic, batch: count })),
  rejected: z.array(
    z.strictObject({
      title: z.string(),
      batch: count,
      reason: z.enum(TOPIC_REJECTIONS),
      detail: z.string(),
    }),
  ),
  spent: Spent,
  /** Null while there may be more. */
  end: z.strictObject({ why: z.enum(['complete', 'exhausted', 'no_progress']), detail: z.string() }).nullable(),
});
export type TopicsFile = z.output<typeof TopicsFile>;
