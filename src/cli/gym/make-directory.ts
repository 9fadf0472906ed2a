import { access, constants, mkdir } from 'node:fs/promises';
import { CliError } from '../cli-error.js';

/**
 * Makes a directory of the settings where it is missing.
 * @param variable what names another one
 * @throws CliError when it cannot be made or written
 */
export async function makeDirectory(directory: string, variable: string, mode = 0o755): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode });
    await access(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new CliError(
      `${directory} cannot be used: ${(error as Error).message}`,
      `Name a directory that this user may write: export ${variable}=...`,
    );
  }
}
