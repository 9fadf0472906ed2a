import { CliError } from '../cli-error.js';

const OF_FILES: ReadonlySet<string> = new Set(['ModelFileError', 'PriceFileError']);

/**
 * Reads what a flag names.
 * @param flag or the variable that stands for it
 * @throws CliError that begins with the flag when the file cannot be used; other errors as they are
 */
export async function atFlag<T>(flag: string, read: () => T | Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // By name, because their classes would load what most runs do not need.
    if (error instanceof Error && OF_FILES.has(error.name)) throw new CliError(`${flag}: ${error.message}`);
    throw error;
  }
}
