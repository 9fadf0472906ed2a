import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const count = z.int().min(0);

/** One question and its answer, as they lie on disk. */
export const JournalEntry = z.strictObject({
  version: z.literal(1),
  key: z.string(),
  at: z.iso.datetime().describe('when the answer came'),
  /** Of the question's canonical JSON. */
  question_sha256: z.string(),
  question: z.unknown(),
  answer: z.unknown(),
  prompt: z.strictObject({ name: z.string(), version: count, sha256: z.string() }).nullable(),
  model: z.string().nullable(),
  usage: z
    .strictObject({
      input_tokens: count,
      cached_input_tokens: count,
      output_tokens: count,
      is_estimated: z.boolean(),
    })
    .nullable(),
  cost_usd: z.number().nullable().describe('null: nothing that costs, or no price is known'),
});
export type JournalEntry = z.output<typeof JournalEntry>;

const LONGEST_SEGMENT = 100;

/**
 * @returns where the entry of a key lies
 * @throws TypeError for a key that is none
 */
export function entryFile(root: string, key: string): string {
  const segments = key.split('/').map((segment) => {
    if (/^\.*$/.test(segment)) throw new TypeError(`${JSON.stringify(key)} is no key of a journal.`);
    const name = encodeURIComponent(segment).replace(/[*']/g, (found) => `%${found.charCodeAt(0).toString(16)}`);
    if (name.length <= LONGEST_SEGMENT) return name;
    const hash = createHash('sha256').update(segment).digest('hex');
    return `${name.slice(0, LONGEST_SEGMENT - 17)}~${hash.slice(0, 16)}`;
  });
  // A directory never has the name of an entry.
  const directories = segments.slice(0, -1).map((name) => name.replace(/\.json$/, '%2ejson'));
  return path.join(root, ...directories, `${segments.at(-1)}.json`);
}

/** @returns the entry of a file; null when there is none, or none that is whole */
export async function readEntry(file: string): Promise<JournalEntry | null> {
  try {
    return JournalEntry.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}
