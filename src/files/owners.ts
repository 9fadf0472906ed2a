import { createHash } from 'node:crypto';
import { mkdir, readFile, readlink, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readBootId } from './boot-id.js';

const HEARTBEAT_MS = 10_000;
/** Without a heartbeat for so long an owner that cannot be looked up counts as dead. */
const SILENCE_MS = 60_000;
const LOCK_STEP_MS = 20;
const LOCK_STALE_MS = 5000;

/** A server's name as the owner of sandboxes, held until it is released or the process ends. */
export interface Owner {
  /** The value of the label `owner`. */
  readonly id: string;
  /** Idempotent, never rejects. */
  release(): Promise<void>;
}

/** What an owner file says. */
interface OwnerRecord {
  version: 1;
  pid: number;
  /** Start of the process in clock ticks: numbers of processes come round again. */
  start_ticks: string;
  /** Processes can be looked up only by those in the same namespace. */
  pid_namespace: string;
  boot_id: string;
}

/** Who owns sandboxes on this machine, and whether they live. Ids of other machines are told apart by their first part. */
export class Owners {
  readonly #directory: string;
  #machine: Promise<string> | null = null;

  /** @param runDir directory that all servers of this machine and user share */
  constructor(runDir: string) {
    this.#directory = path.join(runDir, 'owners');
  }

  /**
   * Takes a name that no living server holds: the wanted one, so that a server that is started again owns what it owned before;
   * or, while another one lives under that, the next free one.
   */
  async claim(name = 'server'): Promise<Owner> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    for (let number = 1; ; number++) {
      const taken = number === 1 ? name : `${name}-${number}`;
      const owner = await this.#underLock(() => this.#take(taken));
      if (owner !== null) return owner;
    }
  }

  /**
   * Whether the owner of a sandbox lives.
   * @returns `foreign` for owners of other machines and for labels that no `claim` made; they are nobody's to judge here
   */
  async stateOf(id: string): Promise<'alive' | 'dead' | 'foreign'> {
    const [machine, name] = [id.slice(0, id.indexOf('.')), id.slice(id.indexOf('.') + 1)];
    if (machine !== (await this.#machineId()) || !isName(name)) return 'foreign';
    return (await isAlive(this.#file(name))) ? 'alive' : 'dead';
  }

  async #take(name: string): Promise<Owner | null> {
    if (!isName(name)) throw new Error(`"${name}" cannot be the name of an owner: letters, digits, - and _`);
    const file = this.#file(name);
    if (await isAlive(file)) return null;
    const record: OwnerRecord = { version: 1, ...(await ownProcess()) };
    await writeFile(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
    await rename(`${file}.new`, file);
    const beat = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS).unref();
    let released: Promise<void> | null = null;
    const release = async (): Promise<void> => {
      clearInterval(beat);
      await rm(file, { force: true }).catch(() => {});
    };
    return {
      id: `${await this.#machineId()}.${name}`,
      release: () => {
        released ??= release();
        return released;
      },
    };
  }

  #file(name: string): string {
    return path.join(this.#directory, `${name}.json`);
  }

  #machineId(): Promise<string> {
    this.#machine ??= (async () => {
      const text = await readFile('/etc/machine-id', 'utf8').catch(() => '');
      return createHash('sha256')
        .update(`${text.trim() || hostname()} ${this.#directory}`)
        .digest('hex')
        .slice(0, 12);
    })();
    return this.#machine;
  }

  async #underLock<T>(work: () => Promise<T>): Promise<T> {
    const lock = path.join(this.#directory, '.lock');
    while (!(await made(lock))) {
      const { mtimeMs } = await stat(lock).catch(() => ({ mtimeMs: Date.now() }));
      // In the future when the clock was set back.
      if (Math.abs(Date.now() - mtimeMs) > LOCK_STALE_MS) await rm(lock, { recursive: true, force: true });
      else await delay(LOCK_STEP_MS);
    }
    try {
      return await work();
    } finally {
      await rm(lock, { recursive: true, force: true });
    }
  }
}

function isName(text: string): boolean {
  return /^[\w-]{1,64}$/.test(text);
}

async function made(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function ownProcess(): Promise<Omit<OwnerRecord, 'version'>> {
  return {
    pid: process.pid,
    start_ticks: (await startTicks(process.pid)) ?? '',
    pid_namespace: await pidNamespace(),
    boot_id: await readBootId(),
  };
}

async function isAlive(file: string): Promise<boolean> {
  let record: OwnerRecord;
  try {
    record = JSON.parse(await readFile(file, 'utf8')) as OwnerRecord;
  } catch {
    return false;
  }
  if (record.boot_id !== (await readBootId())) return false;
  if (record.pid_namespace === (await pidNamespace())) return (await startTicks(record.pid)) === record.start_ticks;
  const { mtimeMs } = await stat(file).catch(() => ({ mtimeMs: 0 }));
  return Date.now() - mtimeMs < SILENCE_MS;
}

/** Start of a process; null when there is none, or only its exit status is left for its parent. */
async function startTicks(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name, in parentheses, may hold anything.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? null : (fields[18] ?? null);
}

async function pidNamespace(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => 'unknown');
}
