import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { choiceKey, type HubNeed, hubDirectory } from './hub-need.js';

const SnapshotRecord = z.object({
  version: z.literal(1),
  /** Name that the Hub gives the repository, which may have been asked for by another one. */
  repo: z.string(),
  revision: z.string().describe('commit'),
  files: z.int(),
  bytes: z.number(),
  prepared_at: z.string(),
});
export type SnapshotRecord = z.infer<typeof SnapshotRecord>;

const CacheRecord = z.object({
  version: z.literal(1),
  /** Version of the library that made the cache and can load it; null where there is no such library. */
  library: z.string().nullable(),
  configurations: z.record(z.string(), z.object({ splits: z.record(z.string(), z.int()) })),
  default: z.string().nullable(),
});
export type CacheRecord = z.infer<typeof CacheRecord>;

async function readRecord<T extends z.ZodType>(file: string, schema: T): Promise<z.output<T> | null> {
  try {
    return schema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

async function writeRecord(file: string, record: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`);
  await rename(temporary, file);
}

async function isDirectory(place: string): Promise<boolean> {
  return stat(place).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

/** A repository at one commit, as it lies on this machine. */
export class HubSnapshot {
  /** @param directory holds `hub/`, a cache of the Hub with this one commit, and `caches/`, one for each environment */
  constructor(
    readonly need: Pick<HubNeed, 'type'>,
    readonly directory: string,
    readonly record: SnapshotRecord,
  ) {}

  /** The repository's directory in the cache of the Hub. */
  get name(): string {
    return hubDirectory(this.need.type, this.record.repo);
  }

  /** Directory that is mounted as a cache of the Hub. */
  get hub(): string {
    return path.join(this.directory, 'hub');
  }

  /** Where the cache of the `datasets` library lies for an environment and a choice of configurations. */
  cacheDirectory(environment: string, configurations: readonly string[]): string {
    return path.join(this.directory, 'caches', `${environment}${choiceKey(configurations)}`);
  }

  /** @returns null while that cache was not made */
  async cache(environment: string, configurations: readonly string[]): Promise<CacheRecord | null> {
    const directory = this.cacheDirectory(environment, configurations);
    return readRecord(path.join(directory, 'record.json'), CacheRecord);
  }
}

/** Repositories of the Hub on this machine, each with the commit that a branch name meant when it was prepared. */
export class HubStore {
  readonly #directory: string;

  constructor(stateDir: string) {
    this.#directory = path.join(stateDir, 'hub');
  }

  /** Directory of everything about a repository. */
  home({ type, repo }: Pick<HubNeed, 'type' | 'repo'>): string {
    return path.join(this.#directory, hubDirectory(type, repo));
  }

  /** Where a commit lies when it is complete. */
  place(need: HubNeed, commit: string): string {
    return path.join(this.home(need), `${commit}${choiceKey(need.files)}`);
  }

  /** @returns null when it was not prepared */
  async find(need: HubNeed): Promise<HubSnapshot | null> {
    const record = await readRecord(this.#reference(need), SnapshotRecord);
    if (!record) return null;
    const directory = this.place(need, record.revision);
    return (await isDirectory(directory)) ? new HubSnapshot(need, directory, record) : null;
  }

  /** Remembers which commit the revision of a need means from now on. */
  async remember(need: HubNeed, record: SnapshotRecord): Promise<HubSnapshot> {
    await writeRecord(this.#reference(need), record);
    return new HubSnapshot(need, this.place(need, record.revision), record);
  }

  #reference(need: HubNeed): string {
    return path.join(this.home(need), 'refs', `${encodeURIComponent(need.revision)}${choiceKey(need.files)}.json`);
  }
}

/** Says that a cache is complete. */
export async function writeCacheRecord(directory: string, record: CacheRecord): Promise<void> {
  await writeRecord(path.join(directory, 'record.json'), record);
}
