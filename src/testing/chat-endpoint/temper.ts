import { z } from 'zod';

const weight = z.number().min(0);
const share = z.number().min(0).max(1);
const range = z.tuple([z.number().min(0), z.number().min(0)]).refine(([least, most]) => least <= most, {
  message: 'the first number is the least one',
});

/** How an episode may go. */
export const COURSES = ['solves', 'baseline', 'wanders', 'leaves'] as const;
export type Course = (typeof COURSES)[number];

/** How good a model of the stand-in is, and what it is like. Weights of courses are relative to each other. */
export const Temper = z.strictObject({
  solves: weight.default(0).describe('plays the recorded solution to its end'),
  baseline: weight.default(0).describe('hands in what is there before the solution changes anything'),
  wanders: weight.default(0).describe('reads and notes, and never hands in'),
  leaves: weight.default(0).describe('gives up after some steps: exit_forfeit'),
  detours: range.default([0, 0]).describe('steps of an episode that read and change nothing'),
  output: range.default([200, 2000]).describe('bytes that a detour prints, as far as the files have them'),
  thoughts: range.default([0, 0]).describe('characters of thoughts before each action'),
  format: share.default(0).describe('share of answers that hold no action'),
  latency: range.default([0, 0]).describe('milliseconds before the first piece of an answer'),
});
export type Temper = z.output<typeof Temper>;

/** The temper of a model of which nothing is said: it solves, at once. */
export const PLAIN = Temper.parse({ solves: 1 });

/**
 * Reads a model and its temper: `strong=solves:8,baseline:2,thoughts:200-4000`; a name alone solves.
 * @throws Error saying what cannot be read
 */
export function parseTemper(text: string): { name: string; temper: Temper } {
  const [, name = '', rest] = /^([^=\s]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === '') throw new Error('it must look like strong=solves:8,baseline:2');
  const known = Object.keys(Temper.shape);
  const fields: Record<string, unknown> = {};
  for (const part of (rest ?? '').split(',').filter((piece) => piece.trim() !== '')) {
    const [, key = '', least = '', most] = /^\s*(\w+)\s*:\s*([\d.]+)(?:-([\d.]+))?\s*$/.exec(part) ?? [];
    if (!known.includes(key)) throw new Error(`${part.trim()} is none of ${known.join(', ')} with a number`);
    const isRange = Temper.shape[key as keyof Temper].safeParse([0, 1]).success;
    fields[key] = isRange ? [Number(least), Number(most ?? least)] : Number(most === undefined ? least : Number.NaN);
  }
  const parsed = Temper.safeParse(fields);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`${issue?.path[0] === undefined ? '' : `${String(issue.path[0])}: `}${issue?.message}`);
  }
  const isPlain = COURSES.every((course) => parsed.data[course] === 0);
  return { name, temper: isPlain ? { ...parsed.data, solves: 1 } : parsed.data };
}
