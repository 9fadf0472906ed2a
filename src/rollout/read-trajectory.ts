import { readFile } from 'node:fs/promises';
import { parseTrajectory, type TrajectoryFile } from './parse-trajectory.js';
import { TrajectoryError } from './trajectory-error.js';

export type { TrajectoryFile };

/**
 * Reads a `.traj` file of any writer that `parseTrajectory` knows.
 * @throws TrajectoryError
 */
export async function readTrajectory(file: string): Promise<TrajectoryFile> {
  let contents: string;
  try {
    contents = await readFile(file, 'utf8');
  } catch (error) {
    throw new TrajectoryError(`${file} cannot be read: ${(error as Error).message}`);
  }
  return parseTrajectory(contents, file);
}
