import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** Changes within this time of a hash may not show in the clock of the file system. */
const CLOCK_TICK_MS = 50;

const CacheFile = z.object({ version: z.literal(1), hashes: z.record(z.string(), z.tuple([z.string(), z.string()])) });

/** SHA-256 of files, remembered for as long as inode, size and times of a file stay the same. */
export class FileHashes {
  private readonly known = new Map<string, [stamp: string, hash: string]>();
  private readonly used = new Set<string>();
  private changed = false;

  private constructor(private readonly cacheFile: string | null) {}

  /** Remembers in memory only. */
  static inMemory(): FileHashes {
    return new FileHashes(null);
  }

  /** Takes up what an earlier process saved; an unreadable cache is an empty one. */
  static async open(cacheFile: string): Promise<FileHashes> {
    const hashes = new FileHashes(cacheFile);
    const text = await readFile(cacheFile, 'utf8').catch(() => '{}');
    try {
      for (const [file, entry] of Object.entries(CacheFile.parse(JSON.parse(text)).hashes))
        hashes.known.set(file, entry);
    } catch {
      hashes.changed = true;
    }
    return hashes;
  }

  /** @returns lower-case hex; rejects as `fs` does when the file cannot be read */
  async hash(file: string): Promise<string> {
    const stats = await stat(file, { bigint: true });
    const stamp = `${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
    this.used.add(file);
    const known = this.known.get(file);
    if (known?.[0] === stamp) return known[1];
    const sum = createHash('sha256');
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) sum.update(chunk as Buffer);
    const hash = sum.digest('hex');
    if (Date.now() - Number(stats.ctimeMs) > CLOCK_TICK_MS) {
      this.known.set(file, [stamp, hash]);
      this.changed = true;
    }
    return hash;
  }

  /** Writes what was used since the start for the next process; does nothing without a cache file. Complete or absent. */
  async save(): Promise<void> {
    if (this.cacheFile === null || !this.changed) return;
    const hashes = Object.fromEntries([...this.known].filter(([file]) => this.used.has(file)));
    await mkdir(path.dirname(this.cacheFile), { recursive: true });
    const temporary = `${this.cacheFile}.${process.pid}`;
    await writeFile(temporary, JSON.stringify({ version: 1, hashes } satisfies z.infer<typeof CacheFile>));
    await rename(temporary, this.cacheFile);
    this.changed = false;
  }
}
