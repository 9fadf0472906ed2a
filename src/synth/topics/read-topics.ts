import { readFile } from 'node:fs/promises';
import { RunError } from '../../run/run-error.js';
import { NOTHING_SPENT } from '../../run/spent.js';
import { TopicsFile } from './topics-file.js';

/** @returns what is known of the topics of a run; nothing where none were asked for @throws RunError when the file is damaged */
export async function readTopics(file: string): Promise<TopicsFile> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { version: 1, batches: [], accepted: [], rejected: [], spent: NOTHING_SPENT, end: null };
  }
  try {
    return TopicsFile.parse(JSON.parse(text));
  } catch (error) {
    const message = `${file} is damaged: ${(error as Error).message}`;
    throw new RunError(message, 'Put the file back from a copy.', { cause: error });
  }
}
