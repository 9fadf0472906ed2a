import type { TokenizerParts } from '../../tokens/student-tokenizer.js';
import type { ShardJob, ShardResult } from '../shards/shard-job.js';
import { ShardThreads } from '../shards/shard-threads.js';
import type { BuildListener } from './build-listener.js';
import { PartClock } from './part-clock.js';
import type { ShardRecords } from './shard-records.js';

/** How shards are written. */
export interface WriteOptions {
  threads: number;
  tokenizer: TokenizerParts;
  signal: AbortSignal;
  listener: BuildListener;
}

/**
 * Writes shards, those that an earlier build left whole left out.
 * @returns what came of each, in their order
 * @throws the first fault of a shard, when the others have been stopped; the signal's reason
 */
export async function writeShards(
  jobs: readonly ShardJob[],
  records: ShardRecords,
  { threads, tokenizer, signal, listener }: WriteOptions,
): Promise<ShardResult[]> {
  const clock = new PartClock(listener, 'shards', jobs.length);
  signal.throwIfAborted();
  const pool = new ShardThreads(threads, tokenizer);
  const stop = () => void pool.close(signal.reason);
  signal.addEventListener('abort', stop);
  const results: ShardResult[] = [];
  const queue = jobs.entries();
  const work = async (): Promise<void> => {
    for (const [at, job] of queue) {
      const known = await records.find(job);
      const result = known ?? (await pool.write(job));
      if (known === null) await records.keep(job, result);
      results[at] = result;
      clock.add(
        result.files.reduce((sum, { bytes }) => sum + bytes, 0),
        known !== null,
      );
    }
  };
  try {
    await Promise.all(Array.from({ length: threads }, work));
    return results;
  } finally {
    signal.removeEventListener('abort', stop);
    await pool.close();
  }
}
