import { open, rename } from 'node:fs/promises';

/**
 * Puts a file into the place of another: whoever reads it finds the old contents or the new ones, whole.
 * @param parts of the contents, in order
 * @throws the fault of the file system; what was there before is still there
 */
export async function writeAtomically(path: string, parts: readonly Buffer[]): Promise<void> {
  const temporary = `${path}.tmp`;
  const handle = await open(temporary, 'w');
  try {
    for (let at = 0; at < parts.length; at += MAX_PARTS) await writeAll(handle, parts.slice(at, at + MAX_PARTS));
  } finally {
    await handle.close();
  }
  await rename(temporary, path);
}

/** What one call of the system takes. */
const MAX_PARTS = 1024;

async function writeAll(handle: Awaited<ReturnType<typeof open>>, parts: readonly Buffer[]): Promise<void> {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const { bytesWritten } = await handle.writev(parts);
  if (bytesWritten < size) await handle.writeFile(Buffer.concat(parts).subarray(bytesWritten));
}
