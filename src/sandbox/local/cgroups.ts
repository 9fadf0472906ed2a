import { mkdir, readdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxResources } from '../sandbox.js';

/** Directory that holds the groups of all local sandboxes of this machine. */
const PARENT = 'gymsmith';
const PERIOD_US = 100_000;
/** A group can be removed only when the kernel has buried its last process, which is a matter of milliseconds. */
const REMOVE_DEADLINE_MS = 5000;
const REMOVE_STEP_MS = 5;

const CONTROLLERS = ['memory', 'cpu', 'pids'] as const;

/** What a group enforces; the memory covers the files that live in memory too. */
export type CgroupLimits = Pick<SandboxResources, 'cpus' | 'memoryBytes' | 'pids'>;

/** Control groups of local sandboxes, version 1 or 2, where this process may make them. */
export class Cgroups {
  /** @param parents directories in which a sandbox gets its own: of each controller, or one for all */
  constructor(
    readonly version: 1 | 2,
    private readonly parents: readonly string[],
  ) {}

  /** Looks for a place where groups with all three limits can be made. @returns null where there is none */
  static async find(root = '/sys/fs/cgroup', ownGroups = '/proc/self/cgroup'): Promise<Cgroups | null> {
    const own = await readOwnGroups(ownGroups);
    return (await findVersion1(root, own)) ?? (await findVersion2(root, own));
  }

  /**
   * Makes the group of a sandbox.
   * @returns the files into which a process writes 0 to join
   */
  async create(id: string, limits: CgroupLimits): Promise<string[]> {
    const settings = this.version === 1 ? versionOneSettings(limits) : versionTwoSettings(limits);
    for (const directory of this.#directories(id)) await mkdir(directory, { recursive: true });
    for (const [controller, file, value, required] of settings) {
      const parent = this.version === 1 ? this.parents[CONTROLLERS.indexOf(controller)]! : this.parents[0]!;
      await writeFile(path.join(parent, id, file), value).catch((error: unknown) => {
        if (required) throw error;
      });
    }
    return this.#directories(id).map((directory) => path.join(directory, 'cgroup.procs'));
  }

  /** Processes of a sandbox, as this process numbers them. */
  async processes(id: string): Promise<number[]> {
    const [directory] = this.#directories(id);
    const text = await readFile(path.join(directory!, 'cgroup.procs'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean).map(Number);
  }

  /** How often the kernel killed a process of the sandbox for want of memory. */
  async outOfMemoryKills(id: string): Promise<number> {
    const file = this.version === 1 ? 'memory.oom_control' : 'memory.events';
    const text = await readFile(path.join(this.parents[0]!, id, file), 'utf8').catch(() => '');
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  /** Removes the group of a sandbox whose processes are gone. Never rejects. @returns whether nothing is left */
  async remove(id: string): Promise<boolean> {
    const until = performance.now() + REMOVE_DEADLINE_MS;
    for (const directory of this.#directories(id)) {
      while (!(await removed(directory))) {
        if (performance.now() > until) return false;
        await delay(REMOVE_STEP_MS);
      }
    }
    return true;
  }

  /** Removes groups without processes that were made before that time, whoever made them. */
  async removeEmpty(madeBeforeMs: number): Promise<void> {
    for (const id of await this.list()) {
      for (const directory of this.#directories(id)) {
        const { ctimeMs } = await stat(directory).catch(() => ({ ctimeMs: Number.POSITIVE_INFINITY }));
        if (ctimeMs < madeBeforeMs) await removed(directory);
      }
    }
  }

  /** Sandboxes that have a group. */
  async list(): Promise<string[]> {
    const entries = await Promise.all(
      this.parents.map((parent) => readdir(parent, { withFileTypes: true }).catch(() => [])),
    );
    return [
      ...new Set(
        entries
          .flat()
          .filter((entry) => entry.isDirectory())
          .map((entry) => entry.name),
      ),
    ];
  }

  #directories(id: string): string[] {
    return this.parents.map((parent) => path.join(parent, id));
  }
}

type Setting = [controller: (typeof CONTROLLERS)[number], file: string, value: string, required: boolean];

function versionOneSettings({ cpus, memoryBytes, pids }: CgroupLimits): Setting[] {
  return [
    ['memory', 'memory.limit_in_bytes', String(memoryBytes), true],
    // Only there when the kernel accounts for swap; must follow the plain limit, which it may not be below.
    ['memory', 'memory.memsw.limit_in_bytes', String(memoryBytes), false],
    ['cpu', 'cpu.cfs_period_us', String(PERIOD_US), true],
    ['cpu', 'cpu.cfs_quota_us', String(Math.max(1000, Math.round(cpus * PERIOD_US))), true],
    ['pids', 'pids.max', String(pids), true],
  ];
}

function versionTwoSettings({ cpus, memoryBytes, pids }: CgroupLimits): Setting[] {
  return [
    ['memory', 'memory.max', String(memoryBytes), true],
    ['memory', 'memory.swap.max', '0', false],
    ['cpu', 'cpu.max', `${Math.max(1000, Math.round(cpus * PERIOD_US))} ${PERIOD_US}`, true],
    ['pids', 'pids.max', String(pids), true],
  ];
}

/** Paths of the groups of this process by controller; the one of version 2 has the empty name. */
async function readOwnGroups(file: string): Promise<Map<string, string>> {
  const groups = new Map<string, string>();
  for (const line of (await readFile(file, 'utf8').catch(() => '')).split('\n')) {
    const match = /^\d+:([^:]*):(.*)$/.exec(line);
    if (match === null) continue;
    for (const controller of match[1]!.split(',')) groups.set(controller, match[2]!);
  }
  return groups;
}

/** The hierarchy's root comes first: a group below the server's own would be killed with the server by its supervisor. */
function places(hierarchy: string, own: string | undefined): string[] {
  const below = own === undefined || own === '/' ? [] : [path.join(hierarchy, own)];
  return [hierarchy, ...below].map((place) => path.join(place, PARENT));
}

async function findVersion1(root: string, own: Map<string, string>): Promise<Cgroups | null> {
  const parents: string[] = [];
  for (const controller of CONTROLLERS) {
    const found = await firstWritable(places(path.join(root, controller), own.get(controller)), async (directory) =>
      (await readdir(directory)).some((name) => name.startsWith(`${controller}.`)),
    );
    if (found === null) return null;
    parents.push(found);
  }
  return new Cgroups(1, parents);
}

async function findVersion2(root: string, own: Map<string, string>): Promise<Cgroups | null> {
  const found = await firstWritable(places(root, own.get('')), async (directory) => {
    const switches = CONTROLLERS.map((controller) => `+${controller}`).join(' ');
    // The parent refuses while it holds processes itself and is not the root: then the group below lacks controllers.
    await writeFile(path.join(path.dirname(directory), 'cgroup.subtree_control'), switches).catch(() => {});
    await writeFile(path.join(directory, 'cgroup.subtree_control'), switches);
    const enabled = (await readFile(path.join(directory, 'cgroup.subtree_control'), 'utf8')).split(/\s+/);
    return CONTROLLERS.every((controller) => enabled.some((name) => name.replace('+', '') === controller));
  });
  return found === null ? null : new Cgroups(2, [found]);
}

async function firstWritable(
  directories: string[],
  works: (directory: string) => Promise<boolean>,
): Promise<string | null> {
  for (const directory of directories) {
    try {
      await mkdir(directory).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      if (await works(directory)) {
        // Writable is what a group can be made in, not what the mode bits say.
        const trial = path.join(directory, `.probe-${process.pid}`);
        await mkdir(trial);
        await rmdir(trial);
        return directory;
      }
      await rmdir(directory).catch(() => {});
    } catch {
      // The next place may do.
    }
  }
  return null;
}

async function removed(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}
