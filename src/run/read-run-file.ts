import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { RunError } from './run-error.js';

/**
 * Reads the file that makes a directory a run.
 * @param file `run.json` of the run
 * @returns null where no run was begun
 * @throws RunError when the file is damaged or of another version
 */
export async function readRunFile<T>(file: string, schema: z.ZodType<T>): Promise<T | null> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
  const remedy = 'Put the file back from a copy, or begin a run elsewhere with --out.';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RunError(`${file} is damaged: ${(error as Error).message}`, remedy, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const what = `${issue?.path.join('.') || 'the file'}: ${issue?.message}`;
  throw new RunError(`${file} is no run of this version: ${what}`, remedy);
}
