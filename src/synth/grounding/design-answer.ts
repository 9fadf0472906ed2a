import { z } from 'zod';
import { DataPlan } from '../candidate.js';

/** What the teacher answers when it has seen the dataset of its proposal (`prompts/design.md`). */
export const DesignAnswer = z.strictObject({
  suitable: z.boolean(),
  reason: z.string().describe('why it suits, or why it does not; one or two sentences'),
  config: z.string().nullable().describe('subset that the rows come from; null when unsuitable'),
  split: z.string().nullable().describe('split that the rows come from; null when unsuitable'),
  plan: DataPlan.nullable().describe('null when unsuitable'),
});
export type DesignAnswer = z.output<typeof DesignAnswer>;
