import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../../config.js';
import { readBootId } from '../../files/boot-id.js';
import { log } from '../../log.js';
import { copyEnvd } from '../envd/envd-copy.js';
import type { EnvdTransport } from '../envd/envd-link.js';
import { EnvdSandbox } from '../envd/envd-sandbox.js';
import { awaitUnixSocket, connectUnixSocket } from '../envd/unix-socket.js';
import { imageRemedy } from '../image-remedy.js';
import type { EarlierLife } from '../janitor.js';
import { bindGroups } from '../mount-groups.js';
import { type SandboxBackend, SandboxError, type SandboxRecord, type SandboxSpec } from '../sandbox.js';
import { createSandboxId, isSandboxId } from '../sandbox-id.js';
import { Cgroups } from './cgroups.js';
import { launchLocal } from './local-launch.js';
import { findProcesses, isOfSandbox, killAll, killDaemon, readDaemonPid } from './local-process.js';
import {
  type LocalRecord,
  listLocalIds,
  localPaths,
  readLocalRecord,
  readLogTail,
  removeLocalFiles,
  removeUnmade,
  writeLocalRecord,
} from './local-record.js';
import { findNvidiaFiles } from './nvidia-files.js';
import { writeSeccompFilter } from './seccomp-filter.js';

const START_DEADLINE_MS = 30_000;
const PROBE_DEADLINE_MS = 10_000;
/** A daemon on this machine that is there answers at once, unless the machine is very busy. */
const REACHABLE_WITHIN_MS = 10_000;

export interface LocalBackendOptions {
  /** Root file system of `gymsmith/cpu`; those of other images lie beside it under their names. */
  rootfs: string;
  /** Directory for the sandboxes' own directories. */
  runDir: string;
  /** Directory that holds `envd.py`. */
  envd?: string;
  /** Whether the daemon is root inside; by default what this process is. */
  isRoot?: boolean;
}

interface Prepared {
  cgroups: Cgroups | null;
  seccompFile: string | null;
  bootId: string;
  envd: string;
}

/** Sandboxes of this machine, made with bubblewrap: own processes, network, mounts; files in memory. */
export class LocalBackend implements SandboxBackend {
  readonly name = 'local';

  readonly #options: Required<LocalBackendOptions>;
  readonly #connected = new Set<EnvdSandbox>();
  /** Ids whose removal failed. */
  readonly #unremoved = new Set<string>();
  #prepared: Promise<Prepared> | null = null;

  constructor(options: LocalBackendOptions) {
    this.#options = {
      envd: path.join(PROJECT_ROOT, 'docker', 'envd'),
      isRoot: process.getuid?.() === 0,
      ...options,
      runDir: path.join(options.runDir, 'local'),
    };
  }

  async create(spec: SandboxSpec, signal?: AbortSignal): Promise<EnvdSandbox> {
    signal?.throwIfAborted();
    const rootfs = await this.#rootfsOf(spec.image);
    const nvidia = spec.resources.gpus.length > 0 ? await findNvidiaFiles(spec.resources.gpus) : null;
    const { cgroups, seccompFile, bootId, envd } = await this.#prepare();
    const { runDir, isRoot } = this.#options;
    const id = createSandboxId();
    const paths = localPaths(runDir, id);
    const starting = AbortSignal.any([AbortSignal.timeout(START_DEADLINE_MS), ...(signal ? [signal] : [])]);
    try {
      await writeLocalRecord(paths, { version: 1, id, created_at_ms: Date.now(), boot_id: bootId, spec: copy(spec) });
      const mounts = await bindGroups(spec.mounts, paths.mounts);
      const groupFiles = (await cgroups?.create(id, groupLimits(spec))) ?? [];
      const child = await launchLocal({
        id,
        spec: { ...spec, mounts },
        rootfs,
        envd,
        paths,
        isRoot,
        nvidia,
        groupFiles,
        seccompFile,
      });
      const ended = new Promise<never>((_, reject) => {
        child.once('exit', (code, by) => reject(new Error(`bubblewrap ended with ${by ?? code}`)));
      });
      ended.catch(() => {});
      const socket = await Promise.race([awaitUnixSocket(paths.socket, starting), ended]);
      return await this.#connect(id, spec, starting, socket);
    } catch (error) {
      const printed = await readLogTail(paths.log);
      await this.destroy(id);
      signal?.throwIfAborted();
      throw new SandboxError(
        'unavailable',
        `the local sandbox did not start: ${(error as Error).message}\n${printed}`.trim(),
        {
          cause: error,
        },
      );
    }
  }

  async adopt(id: string): Promise<EnvdSandbox> {
    const record = isSandboxId(id) ? await readLocalRecord(this.#options.runDir, id) : null;
    if (record === null) throw new SandboxError('lost', `there is no local sandbox ${id}`);
    try {
      const gone = await this.#whyGone(id);
      if (gone !== null) throw new SandboxError('lost', gone);
      return await this.#connect(id, record.spec, AbortSignal.timeout(REACHABLE_WITHIN_MS));
    } catch (cause) {
      if (cause instanceof SandboxError && cause.code === 'lost') throw cause;
      throw new SandboxError('lost', `the local sandbox ${id} does not answer`, { cause });
    }
  }

  async list(labels: Readonly<Record<string, string>>): Promise<SandboxRecord[]> {
    const ids = await listLocalIds(this.#options.runDir);
    const records = await Promise.all(ids.map((id) => readLocalRecord(this.#options.runDir, id)));
    return records
      .filter((record) => record !== null)
      .filter(({ spec }) => Object.entries(labels).every(([name, value]) => spec.labels[name] === value))
      .map(({ id, spec, created_at_ms }) => ({ id, labels: spec.labels, createdAtMs: created_at_ms }));
  }

  /** Whether this process made or adopted the sandbox and has not destroyed it. */
  holds(id: string): boolean {
    return [...this.#connected].some((sandbox) => sandbox.id === id);
  }

  /** Removes what creations and removals that were cut short left before that time. Sandboxes with a record are not touched. */
  async sweep(madeBeforeMs: number, earlier?: EarlierLife): Promise<void> {
    const { runDir } = this.#options;
    const { cgroups } = await this.#prepare();
    await removeUnmade(runDir, madeBeforeMs, earlier);
    for (const id of await listLocalIds(runDir)) {
      const { directory } = localPaths(runDir, id);
      const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (mtimeMs < madeBeforeMs && (await readLocalRecord(runDir, id)) === null) await this.destroy(id);
    }
    await cgroups?.removeEmpty(madeBeforeMs);
  }

  async destroy(id: string): Promise<void> {
    if (!isSandboxId(id)) return;
    const paths = localPaths(this.#options.runDir, id);
    try {
      const { cgroups } = await this.#prepare();
      const pid = await readDaemonPid(paths.info);
      if (pid === null) {
        // It never got as far as having a daemon.
        const find = async () => [...(await findProcesses(id)), ...((await cgroups?.processes(id)) ?? [])];
        if (!(await killAll(find))) throw new Error('processes of it do not end');
      } else if (!(await killDaemon(pid, id))) {
        throw new Error(`process ${pid} does not end`);
      }
      await cgroups?.remove(id);
      await removeLocalFiles(paths);
      this.#unremoved.delete(id);
    } catch (error) {
      // Its record is still there: the janitor finds it, or the end of this process, or the next one.
      this.#unremoved.add(id);
      log.warn({ err: error, sandbox: id }, 'a local sandbox was not removed whole');
    }
  }

  async identify(image: string): Promise<string> {
    const release = path.join(await this.#rootfsOf(image), 'etc', 'gymsmith-release');
    const text = await readFile(release, 'utf8').catch(() => '');
    return /"content":"([^"]+)"/.exec(text)?.[1] ?? createHash('sha256').update(text).digest('hex');
  }

  async probe(): Promise<{ available: boolean; detail: string; remedy: string | null }> {
    const no = (detail: string, remedy: string) => ({ available: false, detail, remedy });
    const run = promisify(execFile);
    const version = await run('bwrap', ['--version'], { timeout: PROBE_DEADLINE_MS }).catch(() => null);
    if (version === null) return no('bubblewrap is not installed', 'install it: apt-get install bubblewrap');
    const { isRoot, rootfs } = this.#options;
    if (!(await isThere(path.join(rootfs, 'usr')))) {
      return no(`the root file system of gymsmith/cpu is missing: ${rootfs}`, imageRemedy('gymsmith/cpu', rootfs));
    }
    const trial = ['--unshare-pid', '--unshare-net', '--ro-bind', '/', '/', '--proc', '/proc', '--', 'true'];
    try {
      if (isRoot) await run('bwrap', trial, { timeout: PROBE_DEADLINE_MS });
      else
        await run('unshare', ['--user', '--map-root-user', 'bwrap', '--unshare-user', ...trial], {
          timeout: PROBE_DEADLINE_MS,
        });
    } catch (error) {
      const { stderr } = error as { stderr?: string };
      return no(
        `bubblewrap cannot make namespaces here: ${stderr?.trim() || (error as Error).message}`,
        'allow unprivileged user namespaces, or run the server as root; in a container: --security-opt seccomp=unconfined',
      );
    }
    const { cgroups } = await this.#prepare();
    const limits =
      cgroups === null
        ? `no control groups: memory is limited per process${isRoot ? ', processes and CPU are not limited' : ', CPU is not limited'}`
        : `control groups v${cgroups.version} limit memory, CPU and processes`;
    const users = isRoot ? '' : '; without root the agent can end its own sandbox early';
    return { available: true, detail: `${version.stdout.trim()}; ${limits}${users}`, remedy: null };
  }

  async close(): Promise<void> {
    for (const sandbox of this.#connected) sandbox.disconnect();
    this.#connected.clear();
    await Promise.all([...this.#unremoved].map((id) => this.destroy(id)));
  }

  #prepare(): Promise<Prepared> {
    this.#prepared ??= (async () => {
      await mkdir(this.#options.runDir, { recursive: true, mode: 0o700 });
      const { runDir, rootfs } = this.#options;
      const [cgroups, seccompFile, bootId, envd] = await Promise.all([
        Cgroups.find(),
        writeSeccompFilter(runDir),
        readBootId(),
        copyEnvd(this.#options.envd, runDir, rootfs),
      ]);
      return { cgroups, seccompFile, bootId, envd };
    })();
    this.#prepared.catch(() => {
      this.#prepared = null;
    });
    return this.#prepared;
  }

  async #rootfsOf(image: string): Promise<string> {
    const name = /^gymsmith\/([\w.-]+?)(:[\w.-]+)?$/.exec(image)?.[1];
    const rootfs = name === 'cpu' ? this.#options.rootfs : path.join(path.dirname(this.#options.rootfs), name ?? '');
    if (name !== undefined && (await isThere(path.join(rootfs, 'usr')))) return rootfs;
    throw new SandboxError(
      'no_such_image',
      name === undefined
        ? `the local backend has no image "${image}": it knows those of this project (gymsmith/cpu, gymsmith/gpu)`
        : `the root file system of ${image} is missing: ${rootfs}; get it with: ${imageRemedy(image, rootfs)}`,
    );
  }

  async #connect(id: string, spec: SandboxSpec, signal: AbortSignal, first?: Duplex): Promise<EnvdSandbox> {
    const { socket } = localPaths(this.#options.runDir, id);
    const transport: EnvdTransport = {
      reachableWithinMs: REACHABLE_WITHIN_MS,
      connect: (connecting) => connectUnixSocket(socket, connecting),
      whyGone: () => this.#whyGone(id),
      destroy: async () => {
        this.#connected.delete(sandbox);
        await this.destroy(id);
      },
    };
    const sandbox = await EnvdSandbox.connect(id, copy(spec), transport, signal, first);
    this.#connected.add(sandbox);
    return sandbox;
  }

  async #whyGone(id: string): Promise<string | null> {
    const paths = localPaths(this.#options.runDir, id);
    const pid = await readDaemonPid(paths.info);
    if (pid !== null && (await isOfSandbox(pid, id))) return null;
    if (!(await isThere(paths.directory))) return 'the sandbox was removed';
    const { cgroups } = await this.#prepare();
    const kills = (await cgroups?.outOfMemoryKills(id)) ?? 0;
    const printed = await readLogTail(paths.log, 512);
    return `the daemon of the sandbox ended${kills > 0 ? ' (the sandbox ran out of memory)' : ''}${printed && `: ${printed}`}`;
  }
}

/** The group's memory covers the files as well, since they live in memory. */
function groupLimits({ resources }: SandboxSpec): { cpus: number; memoryBytes: number; pids: number } {
  const { cpus, memoryBytes, diskBytes, pids } = resources;
  return { cpus, memoryBytes: memoryBytes + diskBytes, pids };
}

function copy(spec: SandboxSpec): LocalRecord['spec'] {
  const { resources, mounts, writable = [], environment, labels } = spec;
  return {
    ...spec,
    resources: { ...resources, gpus: [...resources.gpus] },
    mounts: mounts.map(({ hostPath, path }) => ({ hostPath, path })),
    writable: writable.map(({ hostPath, path }) => ({ hostPath, path })),
    environment: environment && { programs: [...environment.programs], variables: { ...environment.variables } },
    labels: { ...labels },
  };
}

async function isThere(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
