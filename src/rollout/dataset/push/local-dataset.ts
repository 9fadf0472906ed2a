import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { RunError } from '../../../run/run-error.js';
import { DatasetFile, DatasetManifest } from '../manifest.js';

/** A file of a dataset on this machine. */
export interface LocalFile {
  /** Below the directory, and below the root of the repository. */
  path: string;
  bytes: number;
  sha256: string;
  /** Git's name of the contents. */
  blob: string;
}

/** A dataset whose files are what its manifest says. */
export interface LocalDataset {
  directory: string;
  shards: LocalFile[];
  /** Manifest, card, and the pictures that the card shows. */
  pages: LocalFile[];
  bytes: number;
}

/** What a push has to know of a manifest; the rest is for readers of the dataset. */
const Listed = z.object({ version: DatasetManifest.shape.version, files: z.array(DatasetFile).min(1) });

const MANIFEST = 'manifest.json';
const CARD = 'README.md';
const PICTURE = /!\[[^\]]*\]\(\s*<?([^)\s>]+)>?[^)]*\)|<img\b[^>]*?\bsrc=["']([^"']+)["']/gi;
const REMEDY = 'Build it again: gymsmith dataset build';

/**
 * Reads a dataset and compares every file with its manifest.
 * @param onBytes told of bytes that were compared, and of how many there are
 * @throws RunError where a file is missing, changed, or outside the directory
 */
export async function readLocalDataset(
  directory: string,
  onBytes: (done: number, total: number) => void = () => undefined,
): Promise<LocalDataset> {
  const manifest = await readManifest(directory);
  const total = manifest.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const shards: LocalFile[] = [];
  const seen = new Set<string>([MANIFEST, CARD]);
  let done = 0;
  for (const { path: name, bytes, sha256 } of manifest.files) {
    if (seen.has(name)) throw new RunError(`${MANIFEST} of ${directory} names ${name} twice.`, REMEDY);
    seen.add(name);
    const file = await fileOf(directory, name, (read) => onBytes(done + read, total));
    if (file.bytes !== bytes || file.sha256 !== sha256) {
      const found = `${file.bytes} bytes of SHA-256 ${file.sha256.slice(0, 12)}`;
      throw new RunError(
        `${path.join(directory, name)} was changed: it has ${found}, its manifest says ${bytes} of ${sha256.slice(0, 12)}.`,
        REMEDY,
      );
    }
    shards.push(file);
    done += bytes;
    onBytes(done, total);
  }
  const pages = [await fileOf(directory, MANIFEST), await fileOf(directory, CARD)];
  for (const name of await picturesOf(directory)) if (!seen.has(name)) pages.push(await fileOf(directory, name));
  return {
    directory,
    shards,
    pages,
    bytes: [...shards, ...pages].reduce((sum, file) => sum + file.bytes, 0),
  };
}

async function readManifest(directory: string): Promise<z.output<typeof Listed>> {
  const place = path.join(directory, MANIFEST);
  const text = await readFile(place, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw new RunError(
      `There is no dataset in ${directory}: it has no ${MANIFEST}.`,
      'Name one that gymsmith dataset build made.',
    );
  });
  try {
    return Listed.parse(JSON.parse(text));
  } catch (error) {
    throw new RunError(`${place} is no manifest of a dataset: ${(error as Error).message}`, REMEDY, { cause: error });
  }
}

/** Pictures that the card shows out of the directory. */
async function picturesOf(directory: string): Promise<string[]> {
  const card = await readFile(path.join(directory, CARD), 'utf8');
  const named = [...card.matchAll(PICTURE)].map(([, inMarkdown, inHtml]) => inMarkdown ?? inHtml ?? '');
  const own = named.filter((name) => !/^(?:[a-z][a-z+.-]*:|\/|#)/i.test(name));
  return [...new Set(own.map((name) => path.posix.normalize(decoded(name))))];
}

/** A name that is no encoding means itself. */
function decoded(name: string): string {
  try {
    return decodeURI(name);
  } catch {
    return name;
  }
}

async function fileOf(directory: string, name: string, onRead?: (bytes: number) => void): Promise<LocalFile> {
  const isPlain = name.split('/').every((part) => !['', '.', '..', '.git'].includes(part)) && !/[\\\0]/.test(name);
  if (!isPlain) throw new RunError(`The dataset in ${directory} names a file outside of it: ${name}`, REMEDY);
  const place = path.join(directory, name);
  const { size, isFile } = await stat(place).then(
    (found) => ({ size: found.size, isFile: found.isFile() }),
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
      return { size: 0, isFile: false };
    },
  );
  if (!isFile) throw new RunError(`The dataset in ${directory} is incomplete: it has no ${name}.`, REMEDY);
  // A link would send what lies elsewhere on the machine.
  if ((await realpath(place)) !== path.join(await realpath(directory), name)) {
    throw new RunError(`${place} is a link: what it leads to is not sent.`, 'Put a copy of the file in its place.');
  }
  const sha256 = createHash('sha256');
  const blob = createHash('sha1').update(`blob ${size}\0`);
  let bytes = 0;
  for await (const chunk of createReadStream(place) as AsyncIterable<Buffer>) {
    sha256.update(chunk);
    blob.update(chunk);
    bytes += chunk.length;
    onRead?.(bytes);
  }
  return { path: name, bytes, sha256: sha256.digest('hex'), blob: blob.digest('hex') };
}
