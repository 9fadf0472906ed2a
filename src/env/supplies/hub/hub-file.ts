import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { downloadFile, HubApiError } from '@huggingface/hub';
import { StorageFault } from '../../../files/storage-fault.js';
import { SupplyFault } from '../supply-fault.js';
import { boundedResponse } from './bounded-response.js';
import type { HubAccess } from './hub-access.js';
import type { HubListedFile, HubListing } from './hub-listing.js';
import type { HubNeed } from './hub-need.js';

/** A connection that brings nothing for so long is given up and made again. */
const STALL_MS = 60_000;
/** An answer that is no file, such as an error, is not longer. */
const ANSWER_BYTES = 2 ** 20;

/** A file to be brought here. */
export interface FileJob {
  access: HubAccess;
  type: HubNeed['type'];
  listing: Pick<HubListing, 'repo' | 'commit'>;
  file: HubListedFile;
  /** Where it belongs. */
  target: string;
  /** Told how many bytes more, or less, of it are here. */
  onBytes: (change: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Downloads a file, beginning where an earlier try ended, and puts it into its place when its hash is right.
 * @throws as the network does, or SupplyFault when what came is not what was listed; then the next try begins anew
 */
export async function fetchFile(job: FileJob): Promise<void> {
  const { file, target, onBytes } = job;
  await mkdir(path.dirname(target), { recursive: true });
  const part = `${target}.part`;
  const sum = hashOf(file);
  const had = await sizeOf(part);
  const there = had > 0 && had <= file.bytes ? had : 0;
  if (had > there) await rm(part, { force: true });
  let bytes = 0;
  onBytes(there);
  try {
    if (there > 0) for await (const chunk of createReadStream(part)) sum.update(chunk as Buffer);
    bytes = there;
    if (bytes < file.bytes) bytes += await append(job, part, there, sum, onBytes);
    else if (file.bytes === 0) await (await open(part, 'a')).close();
  } catch (error) {
    onBytes(-(await sizeOf(part)));
    if (error instanceof SupplyFault || error instanceof StorageFault || error instanceof HubApiError) throw error;
    // A broken stream gives a text, or one of many kinds of errors; each may be tried again.
    throw new Error(`${file.path}: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
  if (bytes === file.bytes && sum.digest('hex') === file.hash.hex) {
    await rename(part, target);
    return;
  }
  await rm(part, { force: true });
  onBytes(-bytes);
  throw new Error(`${file.path} arrived with ${bytes} bytes and is not what the Hub lists (${file.bytes} bytes)`);
}

function hashOf({ hash, bytes }: HubListedFile): Hash {
  return hash.kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${bytes}\0`);
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function append(
  { access, type, listing, file, signal }: FileJob,
  part: string,
  from: number,
  sum: Hash,
  onBytes: (change: number) => void,
): Promise<number> {
  const stalled = new AbortController();
  const give = () => stalled.abort(new Error(`nothing of ${file.path} came for ${STALL_MS / 1000} s`));
  const timer = setTimeout(give, STALL_MS);
  const ends = signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal;
  const blob = await downloadFile({
    repo: { type, name: listing.repo },
    path: file.path,
    revision: listing.commit,
    hubUrl: access.hubUrl,
    ...(access.accessToken && { accessToken: access.accessToken }),
    fetch: async (input, init) => {
      const response = await access.fetch(input, { ...init, signal: ends });
      return boundedResponse(response, Math.max(file.bytes, ANSWER_BYTES), file.path);
    },
    // Chunks of that protocol could not be taken up again.
    xet: false,
  }).catch((error: unknown) => {
    clearTimeout(timer);
    throw error;
  });
  if (!blob) {
    clearTimeout(timer);
    throw new SupplyFault(`The Hub lists ${file.path} of ${listing.repo} and does not have it.`);
  }
  const out = await open(part, 'a');
  let written = 0;
  try {
    for await (const chunk of blob.slice(from, file.bytes).stream() as AsyncIterable<Uint8Array>) {
      timer.refresh();
      if (written + chunk.length > file.bytes - from) throw new Error('more comes than the Hub lists');
      await out.writeFile(chunk);
      sum.update(chunk);
      written += chunk.length;
      onBytes(chunk.length);
    }
  } finally {
    clearTimeout(timer);
    await out.close();
  }
  return written;
}
