import { createHash, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { MEMORY_FILE_BYTES } from '../limits.js';
import { insidePack, PathFault } from '../packs/pack-paths.js';
import type { Task } from '../task.js';
import { dumpNotes, mergeNotes, parseNotes } from './notes.js';

/** The task that a memory belongs to. */
export type RememberedTask = Pick<Task, 'envId' | 'packRoot' | 'memoryPath'>;

/** What agents noted, by task. */
export interface Memories {
  /** The memory file of a task, empty when there is none yet. */
  read(task: RememberedTask): Promise<Buffer>;
  /**
   * Keeps what an episode made of the file that it was given.
   * @param given `memoryDigest` of that file
   * @throws MemoryFault when what it made is no memory file
   */
  keep(task: RememberedTask, given: string, contents: Uint8Array): Promise<void>;
}

/** For episodes whose notes end with them. */
export const NO_MEMORIES: Memories = { read: seed, keep: async () => {} };

/** Why a memory file is not kept: the agent's doing. */
export class MemoryFault extends Error {
  override readonly name = 'MemoryFault';
}

/** Names the contents of a memory file. */
export function memoryDigest(contents: Uint8Array): string {
  return createHash('sha256').update(contents).digest('hex');
}

const VERSION = /^(\d{1,15})\.json$/;

/**
 * Memory files on disk. Each task has a directory, and in it one file whose name counts up: a new one is linked under the next number,
 * which only one of several writers can do, so that none overwrites what it has not seen. Packs are only read.
 */
export class MemoryStore implements Memories {
  /** @param directory is made when it is needed */
  constructor(private readonly directory: string) {}

  async read(task: RememberedTask): Promise<Buffer> {
    return (await this.#newest(task)).contents;
  }

  async keep(task: RememberedTask, given: string, contents: Uint8Array): Promise<void> {
    const own = parseNotes(contents);
    if (!own) throw new MemoryFault('what the agent left is no memory file');
    if (memoryDigest(contents) === given) return;
    const directory = this.#directoryOf(task);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (;;) {
      const { version, contents: kept } = await this.#newest(task);
      const notes = parseNotes(kept);
      // With nothing new beside it, the file is what the agent made of it, deletions included.
      const isAlone = notes === null || memoryDigest(kept) === given;
      const next = isAlone ? contents : dumpNotes(mergeNotes(notes, own), MEMORY_FILE_BYTES);
      const file = path.join(directory, `${version + 1}.json`);
      if (!(await publish(file, next))) continue;
      // A number is free again once files behind it are dropped: who took so long to write has to take in what came meanwhile.
      if (Math.max(...(await versions(directory))) === version + 1) {
        await dropOlder(directory, version);
        return;
      }
      await rm(file, { force: true });
    }
  }

  #directoryOf({ envId }: RememberedTask): string {
    return path.join(this.directory, ...envId.split('/'));
  }

  async #newest(task: RememberedTask): Promise<{ version: number; contents: Buffer }> {
    const directory = this.#directoryOf(task);
    for (;;) {
      const version = Math.max(0, ...(await versions(directory)));
      if (version === 0) return { version, contents: await seed(task) };
      try {
        return { version, contents: await readFile(path.join(directory, `${version}.json`)) };
      } catch (error) {
        // A newer one has taken its place.
        if (!isAbsent(error)) throw error;
      }
    }
  }
}

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function versions(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  return names.flatMap((name) => VERSION.exec(name)?.[1] ?? []).map(Number);
}

/** What the pack has for a task of which nothing was kept yet. */
async function seed({ packRoot, memoryPath }: RememberedTask): Promise<Buffer> {
  const nothing = Buffer.alloc(0);
  if (memoryPath === null) return nothing;
  try {
    const host = await insidePack(packRoot, memoryPath);
    const facts = await stat(host);
    return facts.isFile() && facts.size <= MEMORY_FILE_BYTES ? await readFile(host) : nothing;
  } catch (error) {
    // MLGym begins an empty file too where the one that is named is not there.
    if (error instanceof PathFault || isAbsent(error)) return nothing;
    throw error;
  }
}

/** Writes a whole file under a name that nothing has yet. @returns false when another writer was first */
async function publish(file: string, contents: Uint8Array): Promise<boolean> {
  const temporary = `${file}.${randomUUID()}.new`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(contents);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function dropOlder(directory: string, version: number): Promise<void> {
  const older = (await versions(directory)).filter((other) => other <= version);
  await Promise.all(older.map((other) => rm(path.join(directory, `${other}.json`), { force: true })));
}
