import { chmod, mkdir, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StorageFault, storageFault } from '../../../files/storage-fault.js';
import type { PreparationListener } from '../preparation-listener.js';
import { SupplyFault } from '../supply-fault.js';
import { type HubAccess, hubFault } from './hub-access.js';
import { fetchFile } from './hub-file.js';
import { type HubListing, listRepo, retried } from './hub-listing.js';
import { type HubNeed, hubDirectory } from './hub-need.js';
import type { HubSnapshot, HubStore } from './hub-store.js';
import { TooLargeFault } from './too-large-fault.js';

const AT_ONCE = 4;
const PARTIAL = '.partial-';
const GiB = 2 ** 30;

/** What is to be downloaded, and under which conditions. */
export interface HubDownload {
  need: HubNeed;
  store: HubStore;
  access: HubAccess;
  /** More than this is not downloaded. */
  maxBytes: number;
  listener: PreparationListener;
  signal?: AbortSignal;
}

/** A number of files, in words. */
export function fileCount(files: number): string {
  return `${files} ${files === 1 ? 'file' : 'files'}`;
}

/** Size in the unit in which people compare. */
export function gib(bytes: number): string {
  return bytes < GiB / 10 ? `${(bytes / 2 ** 20).toFixed(1)} MiB` : `${(bytes / GiB).toFixed(1)} GiB`;
}

/**
 * Brings a repository here at the commit that its revision means now: complete or not at all. What a try that was cut off left is used
 * by the next one.
 * @throws SupplyFault saying what is wrong and what to do; the signal's reason
 */
export async function downloadRepo(download: HubDownload): Promise<HubSnapshot> {
  const { need, store, access, listener, signal } = download;
  const what = `${need.type} ${need.repo}${need.revision === 'main' ? '' : ` at ${need.revision}`}`;
  try {
    listener.onPart(`looking up ${what}`);
    const listing = await listRepo(access, need, signal);
    if (listing.files.length === 0) throw new SupplyFault(`The ${what} holds no file that the task takes.`);
    const place = store.place(need, listing.commit);
    if (!(await isThere(place))) await bring(download, listing, place, what);
    const { repo, commit: revision, bytes } = listing;
    const prepared_at = new Date().toISOString();
    const record = { version: 1 as const, repo, revision, files: listing.files.length, bytes, prepared_at };
    return await store.remember(need, record);
  } catch (error) {
    signal?.throwIfAborted();
    throw storageFault(error, store.home(need)) ?? hubFault(error, what, access);
  }
}

async function isThere(place: string): Promise<boolean> {
  return stat(place).then(
    () => true,
    () => false,
  );
}

async function bring(download: HubDownload, listing: HubListing, place: string, what: string): Promise<void> {
  const { need, maxBytes, listener } = download;
  if (listing.bytes > maxBytes) {
    throw new TooLargeFault(
      `The ${what} takes ${gib(listing.bytes)}, more than the ${gib(maxBytes)} that one repository may.`,
      'Raise --max-gib, or name the files that the task needs under "hub" in its sidecar.',
    );
  }
  const partial = path.join(path.dirname(place), `${PARTIAL}${path.basename(place)}`);
  const name = hubDirectory(need.type, listing.repo);
  const hub = path.join(partial, 'hub', name);
  const snapshot = path.join(hub, 'snapshots', listing.commit);
  await mkdir(snapshot, { recursive: true });
  await requireRoom(partial, listing, snapshot);
  listener.onPart(`downloading ${what}, ${fileCount(listing.files.length)}`);
  await fetchAll(download, listing, snapshot);
  // Programs that ask for the main branch get this commit; the library also looks for a directory of blobs.
  await mkdir(path.join(hub, 'refs'), { recursive: true });
  await mkdir(path.join(hub, 'blobs'), { recursive: true });
  await writeFile(path.join(hub, 'refs', 'main'), listing.commit);
  await letAllRead(partial);
  await rename(partial, place).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    await rm(partial, { recursive: true, force: true });
  });
  // Of commits that were given up for this one.
  const left = (await readdir(path.dirname(place))).filter((name) => name.startsWith(PARTIAL));
  for (const name of left) await rm(path.join(path.dirname(place), name), { recursive: true, force: true });
}

/** Sandboxes read as users of their own, whatever this process keeps to itself by default. */
async function letAllRead(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const below = path.join(directory, entry.name);
    if (entry.isDirectory()) await letAllRead(below);
    else await chmod(below, 0o644);
  }
}

async function requireRoom(directory: string, listing: HubListing, snapshot: string): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const sizes = await Promise.all(
    listing.files.map(({ path: file, bytes }) =>
      stat(path.join(snapshot, file)).then(
        () => 0,
        () => bytes,
      ),
    ),
  );
  const wanted = sizes.reduce((sum, bytes) => sum + bytes, 0);
  if (wanted <= bavail * bsize) return;
  throw new StorageFault(
    `The disk of ${directory} has ${gib(bavail * bsize)} left, and ${gib(wanted)} are to come: make room, or name another directory with GYMSMITH_STATE_DIR.`,
  );
}

async function fetchAll(
  { need, access, listener, signal }: HubDownload,
  listing: HubListing,
  snapshot: string,
): Promise<void> {
  let done = 0;
  const failing = new AbortController();
  const either = signal ? AbortSignal.any([signal, failing.signal]) : failing.signal;
  const onBytes = (change: number) => {
    done += change;
    listener.onBytes(done, listing.bytes);
  };
  const left = [...listing.files];
  const work = async (): Promise<void> => {
    for (let file = left.shift(); file !== undefined; file = left.shift()) {
      const target = path.join(snapshot, file.path);
      if (await isThere(target)) {
        onBytes(file.bytes);
        continue;
      }
      const job = { access, type: need.type, listing, file, target, onBytes, signal: either };
      await retried(access, () => fetchFile(job), either);
    }
  };
  const workers = Array.from({ length: Math.min(AT_ONCE, left.length) }, work);
  try {
    await Promise.all(workers);
  } catch (error) {
    failing.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}
