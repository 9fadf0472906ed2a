import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { log } from '../../log.js';
import { type BaselineCache, memoryBaselineCache } from './baselines.js';

const Kept = z.object({
  version: z.literal(1),
  content_hash: z.string(),
  scores: z.record(z.string(), z.number()),
  measured_at: z.string(),
});

/**
 * Measured baselines as files of a directory, one for each content hash. What cannot be read counts as not measured; what cannot be
 * written is measured again by the next process.
 */
export function fileBaselineCache(directory: string): BaselineCache {
  const memory = memoryBaselineCache();
  const fileOf = (contentHash: string): string =>
    path.join(directory, `${createHash('sha256').update(contentHash).digest('hex')}.json`);
  return {
    get: async (contentHash) => {
      const known = await memory.get(contentHash);
      if (known) return known;
      const text = await readFile(fileOf(contentHash), 'utf8').catch(() => null);
      if (text === null) return null;
      try {
        const kept = Kept.parse(JSON.parse(text));
        return kept.content_hash === contentHash ? kept.scores : null;
      } catch {
        return null;
      }
    },
    set: async (contentHash, scores) => {
      await memory.set(contentHash, scores);
      const measured_at = new Date().toISOString();
      const kept: z.infer<typeof Kept> = { version: 1, content_hash: contentHash, scores: { ...scores }, measured_at };
      const file = fileOf(contentHash);
      const temporary = `${file}.${process.pid}`;
      try {
        await mkdir(directory, { recursive: true });
        await writeFile(temporary, `${JSON.stringify(kept, null, 2)}\n`);
        await rename(temporary, file);
      } catch (error) {
        log.warn({ err: error, directory }, 'a measured baseline was not kept');
      }
    },
  };
}
