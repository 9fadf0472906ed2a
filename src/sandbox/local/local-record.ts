import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { EarlierLife } from '../janitor.js';
import type { SandboxSpec } from '../sandbox.js';

const Spec = z.object({
  image: z.string(),
  resources: z.object({
    cpus: z.number(),
    memoryBytes: z.number(),
    diskBytes: z.number(),
    pids: z.number(),
    gpus: z.array(z.string()),
  }),
  network: z.enum(['none', 'open']),
  mounts: z.array(z.object({ hostPath: z.string(), path: z.string() })),
  writable: z.array(z.object({ hostPath: z.string(), path: z.string() })).optional(),
  environment: z.object({ programs: z.array(z.string()), variables: z.record(z.string(), z.string()) }).optional(),
  lifetimeMs: z.number(),
  labels: z.record(z.string(), z.string()),
}) satisfies z.ZodType<SandboxSpec>;

const LocalRecord = z.object({
  version: z.literal(1),
  id: z.string(),
  created_at_ms: z.number(),
  /** A machine that was started anew has none of the processes of before. */
  boot_id: z.string(),
  spec: Spec,
});
/** What is written down about a local sandbox, for whoever finds it later. */
export type LocalRecord = z.infer<typeof LocalRecord>;

const RECORD = 'record.json';

/** Files of one local sandbox on this machine. Only `runDir` is seen from inside. */
export interface LocalPaths {
  directory: string;
  /** Bound to `/run/gymsmith` inside. */
  runDir: string;
  socket: string;
  /** Place where the sandbox's files are mounted, in its own mount namespace only. */
  disk: string;
  /** Empty images of directories that several mounts share. */
  mounts: string;
  /** bubblewrap writes the process number of the daemon here. */
  info: string;
  log: string;
}

/** @param id of the sandbox */
export function localPaths(runDir: string, id: string): LocalPaths {
  const directory = path.join(runDir, id);
  const inner = path.join(directory, 'run');
  return {
    directory,
    runDir: inner,
    socket: path.join(inner, 'envd.sock'),
    disk: path.join(directory, 'disk'),
    mounts: path.join(directory, 'mounts'),
    info: path.join(directory, 'info.json'),
    log: path.join(directory, 'log'),
  };
}

/** Where a sandbox is made before it is there: beside it, under a name that says whose it is. */
const MAKING = '.making-';

/** Makes the files of a new sandbox: complete with its record or not at all, so that it can be found. */
export async function writeLocalRecord({ directory }: LocalPaths, record: LocalRecord): Promise<void> {
  const owner = record.spec.labels.owner ?? '';
  const aside = path.join(path.dirname(directory), `${MAKING}${owner}~${record.id}`);
  try {
    await mkdir(aside, { mode: 0o700 });
    await writeFile(path.join(aside, RECORD), JSON.stringify(record));
    await mkdir(path.join(aside, 'run'), { mode: 0o700 });
    await mkdir(path.join(aside, 'disk'), { mode: 0o700 });
    await rename(aside, directory);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Removes what was being made and never came to be.
 * @param madeBeforeMs older ones are nobody's any more
 * @param earlier what is left of it needs no grace
 */
export async function removeUnmade(runDir: string, madeBeforeMs: number, earlier?: EarlierLife): Promise<void> {
  for (const name of await readdir(runDir).catch(() => [] as string[])) {
    if (!name.startsWith(MAKING)) continue;
    const place = path.join(runDir, name);
    const { mtimeMs } = await stat(place).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    const isOfEarlier = name.startsWith(`${MAKING}${earlier?.owner}~`) && mtimeMs < (earlier?.endedAtMs ?? 0);
    if (mtimeMs < madeBeforeMs || isOfEarlier) await rm(place, { recursive: true, force: true });
  }
}

/** Removes the files of a sandbox. Its record goes last: what a killed server left half removed can still be found by it. */
export async function removeLocalFiles({ directory }: LocalPaths): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 3 };
  const names = await readdir(directory).catch(() => []);
  await Promise.all(names.filter((name) => name !== RECORD).map((name) => rm(path.join(directory, name), options)));
  await rm(directory, options);
}

/** @returns null when there is no such sandbox, or its record is not whole */
export async function readLocalRecord(runDir: string, id: string): Promise<LocalRecord | null> {
  try {
    const text = await readFile(path.join(localPaths(runDir, id).directory, RECORD), 'utf8');
    return LocalRecord.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Ids of all local sandboxes that left a directory, alive or not. */
export async function listLocalIds(runDir: string): Promise<string[]> {
  const entries = await readdir(runDir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory() && entry.name.startsWith('sb-')).map((entry) => entry.name);
}

/** The end of a log that may be large. */
export async function readLogTail(file: string, bytes = 4096): Promise<string> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return '';
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(bytes), 0, bytes, Math.max(0, size - bytes));
    return buffer.subarray(0, bytesRead).toString('utf8').trim();
  } finally {
    await handle.close();
  }
}
