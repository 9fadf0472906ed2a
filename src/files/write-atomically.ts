import { open, rename, rm } from 'node:fs/promises';

/** What one call of the system takes. */
const MAX_PARTS = 1024;

/**
 * Puts a file into the place of another: whoever reads it finds the old contents or the new ones, whole.
 * @param parts of the contents, in order
 * @throws the fault of the file system, with the path; what was there before is still there, and nothing beside it
 */
export async function writeAtomically(path: string, parts: readonly Buffer[]): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    await write(temporary, parts);
    await rename(temporary, path);
  } catch (error) {
    // On a disk that is full it takes the room of others.
    await rm(temporary, { force: true }).catch(() => {});
    // A write does not say of which file.
    const fault = error as NodeJS.ErrnoException;
    fault.path ??= path;
    throw fault;
  }
}

async function write(path: string, parts: readonly Buffer[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    for (let at = 0; at < parts.length; at += MAX_PARTS) {
      const some = parts.slice(at, at + MAX_PARTS);
      const size = some.reduce((sum, { length }) => sum + length, 0);
      const { bytesWritten } = await file.writev(some);
      // A disk that is nearly full takes a part without complaint, and complains at the next call.
      if (bytesWritten < size) await file.writeFile(Buffer.concat(some).subarray(bytesWritten));
    }
  } finally {
    await file.close();
  }
}
