import { PathFault } from './pack-paths.js';
import type { ConfigFile } from './read-config.js';

/**
 * Runs `find` and turns a fault of a path into a fault of the field at `at`.
 * @returns null after a fault
 */
export async function pathAt<T>(
  file: ConfigFile<unknown>,
  at: PropertyKey[],
  find: () => Promise<T>,
): Promise<T | null> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof PathFault)) throw error;
    file.faults.error(at, error.message, error.remedy);
    return null;
  }
}
