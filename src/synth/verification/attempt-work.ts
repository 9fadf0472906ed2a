import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { SubmittedFile } from './gate-episode.js';

const NAME = 'handed-in';

/**
 * Keeps what the baseline of an attempt handed in, in `handed-in/` of its directory: gates that only need that need not run the baseline
 * again, nor does a process that takes the work up.
 */
export async function keepWork(attemptDirectory: string, files: readonly SubmittedFile[]): Promise<void> {
  const aside = await mkdtemp(path.join(attemptDirectory, `.${NAME}-`));
  for (const file of files) {
    const target = path.join(aside, file.path);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, file.contents);
  }
  await rm(path.join(attemptDirectory, NAME), { recursive: true, force: true });
  await rename(aside, path.join(attemptDirectory, NAME));
  for (const left of await readdir(attemptDirectory)) {
    if (left.startsWith(`.${NAME}-`)) await rm(path.join(attemptDirectory, left), { recursive: true, force: true });
  }
}

/** @returns what the baseline handed in; null when it was not kept, because it was too much */
export async function keptWork(attemptDirectory: string): Promise<SubmittedFile[] | null> {
  const root = path.join(attemptDirectory, NAME);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return null;
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return Promise.all(
    files.sort().map(async (file) => ({
      path: path.relative(root, file).split(path.sep).join('/'),
      contents: await readFile(file),
    })),
  );
}
