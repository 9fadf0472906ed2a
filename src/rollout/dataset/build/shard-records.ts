import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeAtomically } from '../../../files/write-atomically.js';
import { SOFTWARE } from '../../../protocol/index.js';
import { DatasetFile } from '../manifest.js';
import type { ShardJob, ShardResult } from '../shards/shard-job.js';
import { shardPath } from '../shards/shard-path.js';
import { TEMPLATE } from '../template/render-chat.js';

const count = z.int().min(0);

const ShardRecord = z.strictObject({
  key: z.string(),
  result: z.strictObject({
    files: z.array(DatasetFile),
    rows: count,
    tokens: count,
    loss_tokens: count,
    truncated: count,
    omitted: count,
    unknown_views: count,
    tasks: z.array(z.strictObject({ task: z.string(), rows: count })),
    without_rows: z.array(z.string()),
  }),
});

/** Which shards of a dataset under construction are whole, and what they were made of. */
export class ShardRecords {
  /** @param tokenizer SHA-256 of the student's, which counts in views other than the full one */
  constructor(
    private readonly directory: string,
    private readonly tokenizer: string | null,
  ) {}

  get #records(): string {
    return path.join(this.directory, '.shards');
  }

  /** @returns what came of a shard that an earlier build made of the same trajectories; null when it has to be written */
  async find(job: ShardJob): Promise<ShardResult | null> {
    const text = await readFile(this.#file(job), 'utf8').catch(() => null);
    if (text === null) return null;
    const read = ShardRecord.safeParse(plainJson(text));
    if (!read.success || read.data.key !== this.#key(job)) return null;
    const { files } = read.data.result;
    const sizes = await Promise.all(files.map((file) => stat(path.join(this.directory, file.path)).catch(() => null)));
    return sizes.every((size, at) => size?.size === files[at]!.bytes) ? read.data.result : null;
  }

  async keep(job: ShardJob, result: ShardResult): Promise<void> {
    await mkdir(this.#records, { recursive: true });
    const record: z.output<typeof ShardRecord> = { key: this.#key(job), result };
    await writeAtomically(this.#file(job), [Buffer.from(JSON.stringify(record))]);
  }

  /** Removes what an earlier build wrote under names that this one has not. */
  async removeOthers(jobs: readonly ShardJob[]): Promise<void> {
    const own = new Set(
      jobs.flatMap(({ settings, split, number, of }) =>
        settings.formats.map((format) => shardPath(format, split, number, of)),
      ),
    );
    for (const directory of ['data', 'jsonl']) {
      for (const name of await readdir(path.join(this.directory, directory)).catch(() => [])) {
        if (!own.has(`${directory}/${name}`)) await rm(path.join(this.directory, directory, name));
      }
    }
  }

  /** The dataset is whole: nothing of it needs to be remembered. */
  async remove(): Promise<void> {
    await rm(this.#records, { recursive: true, force: true });
  }

  #file({ split, number, of }: ShardJob): string {
    return path.join(this.#records, `${split}-${number}-of-${of}.json`);
  }

  #key({ settings, items }: ShardJob): string {
    const made = [SOFTWARE.version, TEMPLATE, this.tokenizer, settings];
    const from = items.map(({ id, sha256, labels, turns }) => [
      id,
      sha256,
      labels,
      Array.from(turns.ends),
      Array.from(turns.losses),
    ]);
    return createHash('sha256')
      .update(JSON.stringify([made, from]))
      .digest('hex');
  }
}

/** What was left half written is made again. */
function plainJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
