import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { EpisodeRecord } from '../../env/episode/episode-record.js';
import { log } from '../../log.js';

const SUFFIX = '.episode.jsonl';
/** From this size on a file is begun anew with the newest record. */
const MAX_FILE_BYTES = 1 << 20;

/**
 * Where running episodes stand, so that a server that was killed takes them up again. One file each; its last whole line counts.
 * Lines are appended (two microseconds, beside a hundred for a file that is replaced) without waiting for the disk, in the run
 * directory: no sandbox survives what these do not.
 */
export class EpisodeRecords {
  /** Of an earlier process, not taken up yet. */
  readonly #left = new Map<string, EpisodeRecord>();

  /** Reads what an earlier process left; files without a record are removed. */
  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(directory)) {
      const file = path.join(directory, name);
      const record = name.endsWith(SUFFIX) ? readRecord(file) : null;
      if (record) this.#left.set(file, record);
      else rmSync(file, { force: true, recursive: true });
    }
  }

  /**
   * @returns what keeps the record of one episode up to date; it is removed when the episode ends. It never throws: an episode that
   * cannot be recorded goes on, and is lost with this process
   */
  writer(file = path.join(this.directory, `${randomUUID()}${SUFFIX}`)): (record: EpisodeRecord) => void {
    let handle: number | null = null;
    let bytes = 0;
    const end = (): void => {
      if (handle !== null) closeSync(handle);
      handle = null;
      bytes = 0;
    };
    return (record) => {
      try {
        if (bytes > MAX_FILE_BYTES || record.end) end();
        if (record.end) {
          rmSync(file, { force: true });
          return;
        }
        const line = Buffer.from(`${JSON.stringify(record)}\n`);
        if (handle === null) handle = beginFile(file, line);
        else writeWhole(handle, line);
        bytes += line.length;
      } catch (error) {
        log.warn({ err: error, episode: record.episode_id }, 'where an episode stands was not recorded');
        // An older record would let another process do again what was done since.
        end();
        removeQuietly(file);
      }
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

/** Puts a file with one line into the place of another. @returns its handle */
function beginFile(file: string, line: Buffer): number {
  const temporary = `${file}.new`;
  const handle = openSync(temporary, 'w', 0o600);
  try {
    writeWhole(handle, line);
    renameSync(temporary, file);
    return handle;
  } catch (error) {
    closeSync(handle);
    removeQuietly(temporary);
    throw error;
  }
}

/** A disk that is nearly full takes a part of a line without complaint. */
function writeWhole(handle: number, line: Buffer): void {
  const written = writeSync(handle, line);
  if (written < line.length) throw new Error(`only ${written} of ${line.length} bytes were written`);
}

function removeQuietly(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Told by the fault that led here.
  }
}

function readRecord(file: string): EpisodeRecord | null {
  for (const line of readFileSync(file, 'utf8').split('\n').reverse()) {
    try {
      return EpisodeRecord.parse(JSON.parse(line));
    } catch {
      // Cut off by the end of its process: the line before it counts.
    }
  }
  return null;
}
