import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

/** A configuration in one of the small checkouts beside this file. */
export function fixture(file: string): string {
  return fileURLToPath(new URL(`fixtures/${file}`, import.meta.url));
}

/** Writes a checkout of a few files for one test. @returns its directory, which goes when the test is over */
export async function checkout(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), 'gymsmith-agent-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, contents] of Object.entries({ 'pyproject.toml': '', ...files })) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), contents);
  }
  return root;
}
