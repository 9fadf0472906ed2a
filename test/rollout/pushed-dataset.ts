import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { uniform } from '../../src/run/uniform.js';

/** A directory that goes with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'gymsmith-push-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * Writes a dataset as a build leaves it: shards with contents of chance, manifest, card, a picture.
 * @param shards sizes in bytes by path
 */
export async function writeDataset(directory: string, shards: Record<string, number>, name = 'pears'): Promise<void> {
  const files = [];
  for (const [file, bytes] of Object.entries(shards)) {
    const contents = Buffer.alloc(bytes);
    for (let at = 0; at < bytes; at++) contents[at] = 32 + Math.floor(uniform(7, name, file, String(at)) * 90);
    await write(directory, file, contents);
    const sha256 = createHash('sha256').update(contents).digest('hex');
    const format = file.endsWith('.parquet') ? 'parquet' : 'jsonl';
    files.push({ path: file, split: file.includes('test') ? 'test' : 'train', format, rows: 1, bytes, sha256 });
  }
  const manifest = { version: 1, software: 'gymsmith', settings: { sources: [name] }, files };
  await write(directory, 'manifest.json', JSON.stringify(manifest));
  await write(
    directory,
    'README.md',
    `# ${name}\n\n![tokens](plots/tokens.svg)\n![elsewhere](https://example.org/a.png)\n`,
  );
  await write(directory, 'plots/tokens.svg', `<svg xmlns="http://www.w3.org/2000/svg"><!-- ${name} --></svg>`);
}

async function write(directory: string, file: string, contents: string | Uint8Array): Promise<void> {
  const place = path.join(directory, file);
  await mkdir(path.dirname(place), { recursive: true });
  await writeFile(place, contents);
}
