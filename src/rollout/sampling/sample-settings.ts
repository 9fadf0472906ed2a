import { z } from 'zod';
import { TeacherSettings } from '../../agent/models/teacher-settings.js';
import { EpisodeOptions } from '../../protocol/index.js';

const count = z.int().min(0);
const positive = z.int().positive();

/** A model that plays, and how. */
export const PlayerSettings = TeacherSettings.extend({
  name: z
    .string()
    .regex(/^\w[\w.-]{0,63}$/, 'letters, digits, _, . and -, and a letter, digit or _ first')
    .nullable()
    .default(null)
    .describe('what it is called in the run; null: made of the name of its model'),
  agent: z.string().default('default').describe('agent that it plays with: a name that ships, or a file'),
  dialect: z.enum(['text', 'tools']).nullable().default(null).describe("null: the agent's own"),
  tokenizer: z.string().nullable().default(null).describe('its tokenizer.json, for the limit of its context'),
});
export type PlayerSettings = z.output<typeof PlayerSettings>;

function areApart(players: readonly { name: string | null }[]): boolean {
  const names = players.flatMap(({ name }) => name ?? []);
  return new Set(names).size === names.length;
}

/** `sample.yaml`, and what is kept with a run of sampling: everything that decides what is played. */
export const SampleSettings = z.strictObject({
  seed: count.default(0).describe('decides seeds of episodes and who plays which'),
  servers: z.array(z.string().min(1)).default([]).describe('addresses; none: a gym inside this process'),
  packs: z.array(z.string().min(1)).default([]).describe('of a gym inside this process; none: GYMSMITH_PACKS'),
  tasks: z
    .array(z.string().min(1))
    .default(['*'])
    .describe('env ids, with * for any text; without a version the highest'),
  exclude: z.array(z.string().min(1)).default([]),
  attempts: positive.default(256).describe('attempts at each task'),
  players: z
    .array(PlayerSettings)
    .min(1)
    .refine(areApart, 'two players have the same name: what each did could not be told apart'),
  /** `weights`: each attempt is played by one of them, by their weights. `all`: by every one of them. */
  players_per_attempt: z.enum(['weights', 'all']).default('weights'),
  limits: z
    .strictObject({
      steps: positive.nullable().default(null).describe("most steps of an episode; null: the task's"),
      usd: z.number().min(0).default(4).describe('most that an episode may cost; 0: no limit'),
      tokens: count.default(0).describe('most that an episode may send and receive; 0: no limit'),
      seconds: count.default(0).describe('most that an episode may take; 0: no limit'),
    })
    .prefault({}),
  options: EpisodeOptions.default({}).describe('of every reset'),
  tries: positive.default(3).describe("most times that an attempt is played when others' faults end it"),
  budget: z
    .strictObject({
      usd: z.number().positive().nullable().default(null),
      tokens: positive.nullable().default(null),
      gpu_hours: z.number().positive().nullable().default(null),
      hours: z.number().positive().nullable().default(null).describe('wall-clock of this run, over all its processes'),
    })
    .prefault({}),
  concurrency: z
    .strictObject({
      episodes: positive.nullable().default(null).describe('most at once; null: what the servers hold'),
      questions: positive.nullable().default(null).describe('most at once to one endpoint; null: what it takes'),
    })
    .prefault({}),
});
export type SampleSettings = z.output<typeof SampleSettings>;
