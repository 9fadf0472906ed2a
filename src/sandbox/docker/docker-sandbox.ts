import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { PROJECT_ROOT } from '../../config.js';
import { copyEnvd } from '../envd/envd-copy.js';
import type { EnvdTransport } from '../envd/envd-link.js';
import { EnvdSandbox } from '../envd/envd-sandbox.js';
import { awaitUnixSocket, connectUnixSocket } from '../envd/unix-socket.js';
import { imageRemedy } from '../image-remedy.js';
import type { EarlierLife } from '../janitor.js';
import { ENVD_DIRECTORY } from '../local/bwrap-arguments.js';
import { listLocalIds, localPaths } from '../local/local-record.js';
import { type SandboxBackend, SandboxError, type SandboxRecord, type SandboxSpec } from '../sandbox.js';
import { createSandboxId, isSandboxId } from '../sandbox-id.js';
import { containerOptions, labelFilter, recordOf, specOf } from './docker-container.js';
import {
  ignoreStatus,
  inspectContainer,
  removeContainer,
  startContainer,
  whyContainerGone,
} from './docker-container-life.js';
import { DockerEngine, type DockerEngineOptions, type DockerReach, engineStatus } from './docker-engine.js';
import { bindMounts, volumeMounts } from './docker-mounts.js';
import { openDockerRelay } from './docker-relay.js';
import { removeUnusedVolumes } from './docker-volume.js';

/** Copies of directories on other machines are worth keeping until the next sandbox needs them. */
const FILES_KEPT_MS = 24 * 3600_000;
const START_DEADLINE_MS = 60_000;
/** File in the directory of a sandbox that holds its label `owner`. */
const OWNER = 'owner';
/** A socket that is bound into this machine is there as long as the container is. */
const BIND_REACHABLE_WITHIN_MS = 10_000;
/** An engine that restarts may take a while; containers outlive it when it is set up that way. */
const RELAY_REACHABLE_WITHIN_MS = 120_000;

/** Passes bytes between its standard streams and the daemon; waits for a daemon that is only starting. */
const RELAY = ['python3', '-I', '-S', `${ENVD_DIRECTORY}/relay.py`, '/run/gymsmith/envd.sock', '30'];

export interface DockerBackendOptions {
  /** Directory for the sandboxes' own directories, where the engine sees them. */
  runDir: string;
  /** By default this machine's engine, or DOCKER_HOST. */
  engines?: readonly DockerEngineOptions[];
  /** Directory that holds `envd.py` and `relay.py`. */
  envd?: string;
}

/** Sandboxes as containers of one or several Docker engines. */
export class DockerBackend implements SandboxBackend {
  readonly name = 'docker';

  readonly #runDir: string;
  readonly #envd: string;
  readonly #engines: readonly DockerEngine[];
  readonly #connected = new Set<EnvdSandbox>();
  readonly #loads = new Map<DockerEngine, number>();
  #envdCopy: Promise<string> | null = null;
  /** Engines that turned down a limit of the container's layer. */
  readonly #withoutLayerLimit = new WeakSet<DockerEngine>();

  constructor({ runDir, engines = [{}], envd = path.join(PROJECT_ROOT, 'docker', 'envd') }: DockerBackendOptions) {
    this.#runDir = path.join(runDir, 'docker');
    this.#envd = envd;
    this.#engines = engines.map((options) => new DockerEngine(options));
  }

  async create(spec: SandboxSpec, signal?: AbortSignal): Promise<EnvdSandbox> {
    signal?.throwIfAborted();
    let failure: unknown = null;
    for (const engine of this.#candidates(spec)) {
      this.#load(engine, 1);
      try {
        return await this.#createOn(engine, spec, signal);
      } catch (error) {
        this.#load(engine, -1);
        signal?.throwIfAborted();
        failure = error;
        // Another engine helps when this one is out of reach or lacks the GPUs, not when the request itself is wrong.
        const isElsewhere = spec.resources.gpus.length > 0 && engine.gpus === null;
        const code = error instanceof SandboxError ? error.code : null;
        if (code !== 'unavailable' && !(code === 'resources' && isElsewhere)) throw error;
      }
    }
    throw failure;
  }

  async adopt(id: string): Promise<EnvdSandbox> {
    const found = isSandboxId(id) ? await this.#find(id) : null;
    if (found === null) throw new SandboxError('lost', `there is no container of the sandbox ${id}`);
    const { engine, spec, isRunning } = found;
    if (!isRunning) throw new SandboxError('lost', `the container of the sandbox ${id} does not run any more`);
    try {
      const reach = await engine.reach();
      const sandbox = await this.#connect(engine, reach, id, spec, AbortSignal.timeout(START_DEADLINE_MS));
      this.#load(engine, 1);
      return sandbox;
    } catch (cause) {
      throw new SandboxError('lost', `the sandbox ${id} does not answer`, { cause });
    }
  }

  async list(labels: Readonly<Record<string, string>>): Promise<SandboxRecord[]> {
    const lists = this.#engines.map((engine) =>
      engine.call('read', (docker, signal) =>
        docker.listContainers({ all: true, filters: { label: labelFilter(labels) }, abortSignal: signal }),
      ),
    );
    return (await Promise.all(lists)).flat().map((container) => recordOf(container.Labels));
  }

  async destroy(id: string): Promise<void> {
    if (!isSandboxId(id)) return;
    await Promise.all(this.#engines.map((engine) => removeContainer(engine, id).catch(() => {})));
    await rm(localPaths(this.#runDir, id).directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }

  async probe(): Promise<{ available: boolean; detail: string; remedy: string | null }> {
    const details: string[] = [];
    for (const engine of this.#engines) {
      try {
        const info = await engine.tryOnce((docker) => docker.info());
        const reach = await engine.reach();
        details.push(`Docker ${info.ServerVersion} (${info.Driver}, cgroup v${info.CgroupVersion ?? 1}, ${reach})`);
      } catch (error) {
        return {
          available: false,
          detail: `no Docker engine answers: ${(error as Error).message}`,
          remedy: 'start it (systemctl start docker), set DOCKER_HOST, or join the group docker',
        };
      }
    }
    return { available: true, detail: details.join('; '), remedy: null };
  }

  /** Whether every engine has the image. */
  async hasImage(image: string): Promise<boolean> {
    const checks = this.#engines.map((engine) =>
      engine
        .call('read', (docker) => docker.getImage(image).inspect())
        .then(
          () => true,
          () => false,
        ),
    );
    return (await Promise.all(checks)).every(Boolean);
  }

  async identify(image: string): Promise<string> {
    let failure: unknown = null;
    for (const engine of this.#engines) {
      try {
        const { Id, Config } = await engine.call('read', (docker) => docker.getImage(image).inspect());
        const content = Config.Labels?.['org.gymsmith.content'];
        return content && content !== 'by-hand' ? content : Id;
      } catch (error) {
        failure = error;
      }
    }
    throw refusalOf(failure, image);
  }

  /** Whether this process made or adopted the sandbox and has not destroyed it. */
  holds(id: string): boolean {
    return [...this.#connected].some((sandbox) => sandbox.id === id);
  }

  /** Removes what creations and removals that were cut short left before that time, and copies of directories that nobody uses. */
  async sweep(madeBeforeMs: number, earlier?: EarlierLife): Promise<void> {
    const known = new Set((await this.list({})).map((record) => record.id));
    for (const id of await listLocalIds(this.#runDir)) {
      if (known.has(id)) continue;
      const { directory } = localPaths(this.#runDir, id);
      const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      const isOfEarlier = earlier !== undefined && mtimeMs < earlier.endedAtMs;
      const isLeft = mtimeMs < madeBeforeMs || (isOfEarlier && (await this.#ownerOf(id)) === earlier.owner);
      if (isLeft) await rm(directory, { recursive: true, force: true });
    }
    const unusedSinceMs = Math.min(madeBeforeMs, Date.now() - FILES_KEPT_MS);
    await Promise.all(this.#engines.map((engine) => removeUnusedVolumes(engine, unusedSinceMs)));
  }

  /** Removes all copies of directories that no sandbox uses. */
  async removeUnusedFiles(): Promise<void> {
    await Promise.all(this.#engines.map((engine) => removeUnusedVolumes(engine, Date.now() + 1)));
  }

  async close(): Promise<void> {
    for (const sandbox of this.#connected) sandbox.disconnect();
    this.#connected.clear();
  }

  /** The engines that can hold the sandbox, the emptiest first. */
  #candidates({ resources: { gpus } }: SandboxSpec): DockerEngine[] {
    const able = this.#engines.filter(
      (engine) => gpus.length === 0 || engine.gpus === null || gpus.every((uuid) => engine.gpus!.includes(uuid)),
    );
    if (able.length === 0) throw new SandboxError('resources', `no Docker engine has the GPUs ${gpus.join(', ')}`);
    return able.sort((a, b) => (this.#loads.get(a) ?? 0) - (this.#loads.get(b) ?? 0));
  }

  #load(engine: DockerEngine, change: number): void {
    this.#loads.set(engine, (this.#loads.get(engine) ?? 0) + change);
  }

  async #createOn(engine: DockerEngine, spec: SandboxSpec, signal?: AbortSignal): Promise<EnvdSandbox> {
    const reach = await engine.reach();
    const id = createSandboxId();
    const starting = AbortSignal.any([AbortSignal.timeout(START_DEADLINE_MS), ...(signal ? [signal] : [])]);
    const paths = localPaths(this.#runDir, id);
    try {
      if (reach === 'bind') {
        await mkdir(paths.runDir, { recursive: true, mode: 0o700 });
        // The label is the container's, which may be gone before its directory is.
        await writeFile(path.join(paths.directory, OWNER), spec.labels.owner ?? '');
      }
      await this.#createContainer(engine, id, spec, reach, starting);
      const start = await startContainer(engine, id, starting);
      const first = reach === 'bind' ? awaitUnixSocket(paths.socket, starting) : openDockerRelay(engine, id, RELAY);
      try {
        return await this.#connect(engine, reach, id, spec, starting, await Promise.race([first, start.ended]));
      } catch (error) {
        first.then(
          (stream) => stream.destroy(),
          () => {},
        );
        throw error;
      } finally {
        start.stopWatching();
      }
    } catch (error) {
      await this.destroy(id);
      signal?.throwIfAborted();
      throw refusalOf(error, spec.image);
    }
  }

  async #createContainer(
    engine: DockerEngine,
    id: string,
    spec: SandboxSpec,
    reach: DockerReach,
    signal: AbortSignal,
  ): Promise<void> {
    const own = { hostPath: reach === 'bind' ? await this.#copyEnvd() : this.#envd, path: ENVD_DIRECTORY };
    const all = [own, ...spec.mounts];
    const mounts =
      reach === 'bind'
        ? await bindMounts(all, localPaths(this.#runDir, id).mounts)
        : await volumeMounts(engine, all, spec.image);
    const runDir = reach === 'bind' ? localPaths(this.#runDir, id).runDir : null;
    const make = (limitsLayer: boolean): Promise<unknown> =>
      engine.call(
        'create',
        (docker, ending) =>
          docker
            .createContainer({
              ...containerOptions({ id, spec, reach, runDir, mounts, limitsLayer }),
              abortSignal: ending,
            })
            // A first try whose answer was lost made it.
            .catch(ignoreStatus(409)),
        signal,
      );
    if (await this.#limitsLayer(engine)) {
      try {
        await make(true);
        return;
      } catch (error) {
        if (!/storage-opt|quota/i.test((error as Error).message)) throw error;
        this.#withoutLayerLimit.add(engine);
      }
    }
    await make(false);
  }

  #ownerOf(id: string): Promise<string | null> {
    return readFile(path.join(localPaths(this.#runDir, id).directory, OWNER), 'utf8').catch(() => null);
  }

  #copyEnvd(): Promise<string> {
    this.#envdCopy ??= copyEnvd(this.#envd, this.#runDir, null);
    this.#envdCopy.catch(() => {
      this.#envdCopy = null;
    });
    return this.#envdCopy;
  }

  /** Only some storage drivers can limit a container's layer; overlay2 needs XFS with project quotas. */
  async #limitsLayer(engine: DockerEngine): Promise<boolean> {
    if (this.#withoutLayerLimit.has(engine)) return false;
    const info = await engine.call('read', (docker) => docker.info());
    const backing = ((info.DriverStatus ?? []) as [string, string][]).find(
      ([name]) => name === 'Backing Filesystem',
    )?.[1];
    const can = ['btrfs', 'zfs'].includes(info.Driver) || (info.Driver === 'overlay2' && backing === 'xfs');
    if (!can) this.#withoutLayerLimit.add(engine);
    return can;
  }

  async #connect(
    engine: DockerEngine,
    reach: DockerReach,
    id: string,
    spec: SandboxSpec,
    signal: AbortSignal,
    first?: Duplex,
  ): Promise<EnvdSandbox> {
    const { socket } = localPaths(this.#runDir, id);
    const transport: EnvdTransport = {
      reachableWithinMs: reach === 'bind' ? BIND_REACHABLE_WITHIN_MS : RELAY_REACHABLE_WITHIN_MS,
      connect: (connecting) =>
        reach === 'bind' ? connectUnixSocket(socket, connecting) : openDockerRelay(engine, id, RELAY, connecting),
      whyGone: () => whyContainerGone(engine, id),
      destroy: async () => {
        if (this.#connected.delete(sandbox)) this.#load(engine, -1);
        await this.destroy(id);
      },
    };
    const sandbox = await EnvdSandbox.connect(id, spec, transport, signal, first);
    this.#connected.add(sandbox);
    return sandbox;
  }

  async #find(id: string): Promise<{ engine: DockerEngine; spec: SandboxSpec; isRunning: boolean } | null> {
    for (const engine of this.#engines) {
      const container = await inspectContainer(engine, id);
      const spec = container && specOf(container.Config.Labels);
      if (spec) return { engine, spec, isRunning: container.State.Running };
    }
    return null;
  }
}

function refusalOf(error: unknown, image: string): SandboxError {
  if (error instanceof SandboxError) return error;
  const { message } = error as Error;
  if (engineStatus(error) === 404 && /no such image/i.test(message)) {
    return new SandboxError(
      'no_such_image',
      `the Docker engine has no image "${image}"; get it with: ${imageRemedy(image)}`,
      {
        cause: error,
      },
    );
  }
  if (/could not select device driver|nvidia|range of cpus|minimum memory/i.test(message)) {
    return new SandboxError('resources', `the Docker engine cannot give what is asked for: ${message}`, {
      cause: error,
    });
  }
  return new SandboxError('unavailable', `the container of the sandbox did not start: ${message}`, { cause: error });
}
