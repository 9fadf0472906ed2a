import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TokenCounter } from '../../agent/models/token-counter.js';
import { parseTrajectory } from '../parse-trajectory.js';
import { TrajectoryError } from '../trajectory-error.js';
import { labelTrajectory } from './label-trajectory.js';
import type { KeptLabels } from './labelled-file.js';

/**
 * Reads a trajectory once, whole, and labels it.
 * @returns what is kept of it; a text that names the file and says what is wrong where it is no trajectory that can be read
 */
export async function readLabels(file: string, counter: TokenCounter): Promise<KeptLabels | string> {
  try {
    const contents = await readFile(file);
    const { labels, turns } = labelTrajectory(parseTrajectory(contents.toString(), file), file, counter);
    const sha256 = createHash('sha256').update(contents).digest('hex');
    return { labels, turns, sha256, bytes: contents.length };
  } catch (error) {
    if (error instanceof TrajectoryError) return error.message;
    const { code, message } = error as NodeJS.ErrnoException;
    return code === undefined ? `${file} cannot be labelled: ${message}` : `${file} cannot be read: ${message}`;
  }
}
