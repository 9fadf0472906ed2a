import { z } from 'zod';

const positive = z.int().positive();

/** A model that writes tasks or plays them, as settings name it. Its key is not kept with a run: it comes from the environment. */
export const TeacherSettings = z.strictObject({
  model: z.string().min(1).describe('name that the endpoint knows it by'),
  base_url: z.url().nullable().default(null).describe('endpoint up to /v1; null: OPENAI_BASE_URL'),
  key_variable: z
    .string()
    .regex(/^[A-Za-z_]\w*$/, 'is no name of a variable')
    .nullable()
    .default(null)
    .describe('variable of the environment that holds its key; null: OPENAI_API_KEY'),
  weight: z.number().positive().default(1).describe('share of what is to be made, relative to the others'),
  temperature: z.number().min(0).max(2).nullable().default(null).describe('null: what whoever asks prefers'),
  top_p: z.number().min(0).max(1).nullable().default(null),
  max_tokens: positive.nullable().default(null).describe('most tokens of one answer'),
  extra_body: z.record(z.string(), z.unknown()).default({}),
});
export type TeacherSettings = z.output<typeof TeacherSettings>;
