import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { EpisodeRecord } from '../../env/episode-record.js';

const SUFFIX = '.episode.json';

/**
 * Where running episodes stand, one file each, so that a server that was killed takes them up again. Written without waiting for
 * the disk: no sandbox survives what the page cache does not.
 */
export class EpisodeRecords {
  /** Of an earlier process, not taken up yet. */
  readonly #left = new Map<string, EpisodeRecord>();

  /** Reads what an earlier process left; files that are no records are removed. */
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory)) {
      const file = path.join(directory, name);
      const record = name.endsWith(SUFFIX) ? readRecord(file) : null;
      if (record) this.#left.set(file, record);
      else rmSync(file, { force: true, recursive: true });
    }
  }

  /** @returns what keeps the record of one episode up to date; it is removed when the episode ends */
  writer(file = path.join(this.directory, `${randomUUID()}${SUFFIX}`)): (record: EpisodeRecord) => void {
    return (record) => {
      if (record.end) {
        rmSync(file, { force: true });
        return;
      }
      const temporary = `${file}.new`;
      writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
      renameSync(temporary, file);
    };
  }

  /**
   * Takes what an earlier process left of an episode.
   * @returns null when there is nothing, or two episodes of one name and task, which only their sessions could tell apart
   */
  take(episodeId: string, task: string): { file: string; record: EpisodeRecord } | null {
    const found = [...this.#left].filter(([, record]) => record.episode_id === episodeId && record.task === task);
    const [only] = found;
    if (!only || found.length > 1) return null;
    const [file, record] = only;
    this.#left.delete(file);
    return { file, record };
  }

  /** Whether an episode that may still be taken up lives in a sandbox. */
  awaits(sandboxId: string): boolean {
    return [...this.#left.values()].some((record) => record.sandbox_id === sandboxId);
  }

  /** Removes what nobody took up. */
  dropLeft(): void {
    for (const file of this.#left.keys()) rmSync(file, { force: true });
    this.#left.clear();
  }
}

function readRecord(file: string): EpisodeRecord | null {
  try {
    return EpisodeRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}
