import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type NetworkSettings, PROJECT_ROOT } from '../../config.js';
import {
  type ReadOnlyMount,
  type Sandbox,
  type SandboxBackend,
  SandboxError,
  type WritableMount,
} from '../../sandbox/sandbox.js';
import type { Task } from '../task.js';
import { PREPARE_PLACE } from './places.js';
import { SupplyFault } from './supply-fault.js';

/** Where preparations run. */
export interface PreparationPlace {
  backend: SandboxBackend;
  /** Value of the label `owner` of their sandboxes. */
  owner: string;
  network: NetworkSettings;
}

/** A sandbox for a preparation. */
interface PreparationFacts {
  task: Task;
  network: 'none' | 'open';
  mounts: readonly ReadOnlyMount[];
  /** Made when they are not there; whoever runs in the sandbox may write to them. */
  writable: readonly WritableMount[];
  timeoutMs: number;
}

const LIFETIME_SLACK_MS = 60_000;
const DISK_BYTES = 2 ** 30;
const KEEP_BYTES = 64 * 1024;
const MARK = '.seen-from-inside';

/**
 * Makes a sandbox of a task's image that may write to directories of this machine, and removes it after the work.
 * @throws SupplyFault when none can be made, or its engine does not see these directories; what the work throws
 */
export async function inPreparationSandbox<T>(
  { backend, owner }: PreparationPlace,
  { task, network, mounts, writable, timeoutMs }: PreparationFacts,
  work: (sandbox: Sandbox) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const { image, cpus, memory_bytes, pids } = task.sidecar.resources;
  const mark = randomBytes(16).toString('hex');
  for (const { hostPath } of writable) {
    await mkdir(hostPath, { recursive: true });
    // Whoever writes there has the number of a user of the sandbox; the directory around it is this user's alone.
    await chmod(hostPath, 0o777);
    await putOwnFile(path.join(hostPath, MARK), mark);
  }
  const prepare = { hostPath: path.join(PROJECT_ROOT, 'docker', 'prepare'), path: PREPARE_PLACE };
  const resources = { cpus, memoryBytes: memory_bytes, diskBytes: DISK_BYTES, pids, gpus: [] };
  const lifetimeMs = timeoutMs + LIFETIME_SLACK_MS;
  const labels = { owner, role: 'preparation' };
  const spec = { image, resources, network, mounts: [...mounts, prepare], writable, lifetimeMs, labels };
  const sandbox = await backend.create(spec, signal).catch((error: unknown) => {
    throw error instanceof SandboxError ? asFault(error) : error;
  });
  try {
    for (const place of writable) await requireMark(sandbox, place, mark);
    return await work(sandbox);
  } finally {
    await sandbox.destroy();
  }
}

/**
 * Writes a file into a directory that a sandbox could write to before: whatever lies there under its name, such as a link to another
 * file of this machine, is removed, never written through.
 */
export async function putOwnFile(file: string, contents: string | Uint8Array): Promise<void> {
  await rm(file, { recursive: true, force: true });
  await writeFile(file, contents, { flag: 'wx' });
}

function asFault(error: SandboxError): SupplyFault {
  const remedy = error.code === 'no_such_image' ? null : 'See what is missing: gymsmith doctor';
  return new SupplyFault(`No sandbox for a preparation can be made: ${error.message}`, remedy, { cause: error });
}

async function requireMark(sandbox: Sandbox, place: WritableMount, mark: string): Promise<void> {
  const seen = await sandbox.getFile(`${place.path}/${MARK}`, mark.length + 1).catch(() => new Uint8Array());
  await rm(path.join(place.hostPath, MARK), { force: true });
  if (new TextDecoder().decode(seen) === mark) return;
  throw new SupplyFault(
    `The engine of the sandboxes does not see ${place.hostPath} of this machine, where what is prepared belongs.`,
    'Prepare on the machine of the engine, or with --backend local.',
  );
}

/** What a script of a preparation came to. */
export interface ScriptRun {
  exitCode: number | null;
  /** The end of what it printed. */
  tail: string;
}

/** Runs shell text as the agent. @param onText hears everything that it prints, as it comes */
export async function runScript(
  sandbox: Sandbox,
  text: string,
  {
    timeoutMs,
    onText,
    signal,
  }: { timeoutMs: number; onText: (text: string) => void; signal?: AbortSignal | undefined },
): Promise<ScriptRun> {
  const decoder = new TextDecoder();
  const commandId = 'preparation';
  const stop = () => void sandbox.interrupt(commandId).catch(() => {});
  signal?.addEventListener('abort', stop, { once: true });
  try {
    const { status, exitCode, output } = await sandbox.run(text, {
      commandId,
      timeoutMs,
      keepBytes: { head: 0, tail: KEEP_BYTES },
      onOutput: (chunk) => onText(decoder.decode(chunk, { stream: true })),
    });
    signal?.throwIfAborted();
    const tail = new TextDecoder().decode(output);
    return status === 'exited'
      ? { exitCode, tail }
      : { exitCode: null, tail: `${tail}\n${status.replaceAll('_', ' ')}` };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
