import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { SOFTWARE } from '../../protocol/index.js';
import { TEMPLATE } from '../dataset/template/render-chat.js';
import type { StudentTokenizer } from '../tokens/student-tokenizer.js';
import { LabelThreads } from './label-threads.js';
import type { KeptLabels, LabelCache, LabelledFile, LabelRequest, UnreadableFile } from './labelled-file.js';

/** Of the rules by which labels are found: what an earlier version of them kept is of no use. */
const RULES = 2;
/** Files under way for each thread: results come in the order of the files, and a long one must not stop the others. */
const FILES_AHEAD = 8;
/** Labels are kept so many at once. */
const KEPT_AT_ONCE = 200;
/** The longest trajectories of the field have a few megabytes; what cannot be one is not read into memory. */
const MAX_FILE_BYTES = 128 * 1024 * 1024;

/** How far a labelling is. */
export interface LabelProgress {
  done: number;
  of: number;
  /** Of them, those whose labels were kept from earlier. */
  known: number;
  unreadable: number;
  /** Of files that were read. */
  bytes: number;
  filesPerSecond: number;
  bytesPerSecond: number;
}

export interface LabelOptions {
  tokenizer: StudentTokenizer;
  /** Where labels of a file are kept; null: nowhere. */
  cacheOf?: (request: LabelRequest) => LabelCache | null;
  /** Threads; unset: as many as there are processors. */
  threads?: number;
  /** Ends the labelling, which then rejects with the signal's reason; what is known by then is kept. */
  signal?: AbortSignal;
  onProgress?: (progress: LabelProgress) => void;
}

interface Answer {
  item: LabelledFile | UnreadableFile;
  isKnown: boolean;
}

/**
 * Labels files on all processors, each file once: labels that are kept are taken as long as file, tokenizer and rules are the same.
 * Memory does not grow with the number of files.
 * @returns one item for each request, in their order; a file that cannot be read is an item too
 * @throws what the caches throw, and the signal's reason
 */
export async function* labelFiles(
  requests: readonly LabelRequest[],
  { tokenizer, cacheOf, threads = availableParallelism(), signal, onProgress }: LabelOptions,
): AsyncGenerator<LabelledFile | UnreadableFile, void, undefined> {
  signal?.throwIfAborted();
  const pool = new LabelThreads(threads, tokenizer.parts);
  const stop = () => void pool.close(signal?.reason);
  signal?.addEventListener('abort', stop);
  const keeper = new Keeper();
  const look = async (request: LabelRequest): Promise<Answer> => {
    const { id, file } = request;
    const labelled = (kept: KeptLabels, isKnown: boolean): Answer => {
      const fault = changed(request, kept);
      return { item: fault === null ? { id, file, ...kept, fault } : { id, file, fault }, isKnown };
    };
    const found = await stampOf(file, tokenizer);
    if (typeof found === 'string') return { item: { id, file, fault: found }, isKnown: false };
    const cache = cacheOf?.(request) ?? null;
    const known = cache?.labels(id, found.key);
    if (known) return labelled(known, true);
    const answer = await pool.label(file);
    if (typeof answer === 'string') return { item: { id, file, fault: answer }, isKnown: false };
    if (cache) keeper.keep(cache, { id, key: found.key, kept: answer });
    return labelled(answer, false);
  };
  const under: Promise<Answer>[] = [];
  const progress = new Progress(requests.length);
  const next = async () => {
    const answer = await under.shift()!;
    signal?.throwIfAborted();
    onProgress?.(progress.add(answer));
    return answer.item;
  };
  try {
    for (const request of requests) {
      const answer = look(request);
      // One that nobody waits for any more must not end the process.
      answer.catch(() => {});
      under.push(answer);
      if (under.length >= threads * FILES_AHEAD) yield await next();
    }
    while (under.length > 0) yield await next();
  } finally {
    signal?.removeEventListener('abort', stop);
    await pool.close();
    keeper.flush();
  }
}

/** What tells whether labels that were kept are those of a file. @returns a text that says why it cannot be read */
async function stampOf(file: string, { sha256 }: StudentTokenizer): Promise<{ key: string } | string> {
  try {
    const found = await stat(file, { bigint: true });
    // A pipe would be waited for as long as nobody writes to it, and a device never ends.
    if (!found.isFile()) return `${file} is no trajectory: it is no regular file.`;
    const { size, mtimeNs } = found;
    if (size > MAX_FILE_BYTES)
      return `${file} is no trajectory: it has ${size} bytes, more than any (${MAX_FILE_BYTES}).`;
    const rules = `${SOFTWARE.version}/${RULES}/${TEMPLATE.name}-${TEMPLATE.version}`;
    return { key: `${rules}/${sha256 ?? 'estimated'}/${size}/${mtimeNs}` };
  } catch (error) {
    return `${file} cannot be read: ${(error as Error).message}`;
  }
}

function changed({ file, sha256 }: LabelRequest, found: KeptLabels): string | null {
  if (sha256 === undefined || sha256 === found.sha256) return null;
  return `${file} was changed since its run recorded it: it has another SHA-256 than the ledger.`;
}

/** Hands labels to where they are kept, many at once. */
class Keeper {
  readonly #entries = new Map<LabelCache, { id: string; key: string; kept: KeptLabels }[]>();

  keep(cache: LabelCache, entry: { id: string; key: string; kept: KeptLabels }): void {
    const entries = this.#entries.get(cache) ?? [];
    this.#entries.set(cache, entries);
    entries.push(entry);
    if (entries.length >= KEPT_AT_ONCE) cache.putLabels(entries.splice(0));
  }

  flush(): void {
    for (const [cache, entries] of this.#entries) if (entries.length > 0) cache.putLabels(entries.splice(0));
  }
}

class Progress {
  readonly #startedMs = performance.now();
  readonly #sums = { done: 0, known: 0, unreadable: 0, bytes: 0 };

  constructor(private readonly of: number) {}

  add({ item, isKnown }: Answer): LabelProgress {
    const sums = this.#sums;
    sums.done++;
    if (isKnown) sums.known++;
    else if (item.fault === null) sums.bytes += item.bytes;
    if (item.fault !== null) sums.unreadable++;
    const seconds = Math.max(performance.now() - this.#startedMs, 1) / 1000;
    return { ...sums, of: this.of, filesPerSecond: sums.done / seconds, bytesPerSecond: sums.bytes / seconds };
  }
}
