import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Makes a directory and those above it. Node's own way hides why one of a read-only file system cannot be made, and does not return below
 * `/proc`.
 * @throws the fault of the file system
 */
export async function makeDirectories(directory: string): Promise<void> {
  try {
    await mkdir(directory);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const parent = path.dirname(directory);
    if (code === 'ENOENT' && parent !== directory && !(await isDirectory(parent))) {
      await makeDirectories(parent);
      // Others may make it at the same time.
      await mkdir(directory).catch(async (fault: unknown) => {
        if (!(await isDirectory(directory))) throw fault;
      });
    } else if (!(await isDirectory(directory))) throw error;
  }
}

async function isDirectory(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
