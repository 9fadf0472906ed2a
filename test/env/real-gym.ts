import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { readConfig } from '../../src/config.js';
import { Episode } from '../../src/env/episode/episode.js';
import type { EpisodeDeps } from '../../src/env/episode/episode-deps.js';
import { Baselines, memoryBaselineCache } from '../../src/env/evaluation/baselines.js';
import { TaskRegistry } from '../../src/env/registry.js';
import { type PreparationOptions, type PreparedPart, prepareTask } from '../../src/env/supplies/prepare-task.js';
import { Supplies } from '../../src/env/supplies/supplies.js';
import { NOTHING_PREPARED } from '../../src/env/supplies/task-supplies.js';
import type { Task } from '../../src/env/task.js';
import { LeasedSandboxes } from '../../src/env/workspace/leased-sandboxes.js';
import type { ResetParams } from '../../src/protocol/index.js';
import { DockerBackend } from '../../src/sandbox/docker/docker-sandbox.js';
import { GpuLeases } from '../../src/sandbox/gpu-leases.js';
import { LocalBackend } from '../../src/sandbox/local/local-sandbox.js';
import type { SandboxBackend } from '../../src/sandbox/sandbox.js';
import { SandboxPool } from '../../src/sandbox/sandbox-pool.js';
import { withoutQuirks } from './without-quirks.js';

/** The kinds of sandboxes that this machine has. */
export type BackendName = 'local' | 'docker';

/** A pack played in real sandboxes of this machine. */
export class RealGym {
  private readonly opened: (() => Promise<void>)[] = [];

  private constructor(
    private readonly runDir: string,
    private readonly backend: BackendName,
    private readonly registry: TaskRegistry,
    readonly deps: EpisodeDeps,
  ) {}

  /** @param stateDir where what tasks need is prepared; without one there is nothing */
  static async open(packRoot: string, backend: BackendName = 'local', stateDir?: string): Promise<RealGym> {
    const registry = await TaskRegistry.open([packRoot]);
    expect(registry.faults.filter(({ severity }) => severity === 'error')).toEqual([]);
    // The path of a socket is short, and the directory for temporary files need not be.
    const runDir = await mkdtemp('/tmp/gs-gym-');
    const { deps, close } = startProcess(runDir, backend, 1, stateDir);
    const gym = new RealGym(runDir, backend, registry, deps);
    gym.opened.push(close);
    return gym;
  }

  /** @param id env id, or its last part where the namespace is that of the pack */
  task(id: string): Task {
    const env = this.registry.get(id);
    if (env.kind !== 'task') throw new Error(`${id} is no task`);
    return env.task;
  }

  /** Begins an episode; one of no task of MLGym's is without its quirks unless they are asked for. */
  async begin(
    task: string,
    params: Pick<ResetParams, 'options' | 'seed'> = {},
    deps?: Partial<EpisodeDeps>,
  ): Promise<Episode> {
    const { envId } = this.task(task);
    const chosen = envId.startsWith('mlgym/') ? params : withoutQuirks(params);
    const episode = Episode.create('e1', this.task(task), chosen, { ...this.deps, ...deps });
    this.opened.unshift(() => episode.close());
    await episode.reset();
    return episode;
  }

  /** Prepares a task as the command line does. */
  async prepare(
    task: string,
    options: Omit<PreparationOptions, 'place' | 'maxBytes' | 'isRefresh' | 'supplies'>,
  ): Promise<PreparedPart[]> {
    const backend = createBackend(this.runDir, this.backend);
    const supplies = suppliesOf(options.stateDir, backend);
    const place = { backend, owner: path.basename(this.runDir), network: readConfig().network };
    try {
      return await prepareTask(this.task(task), { ...options, supplies, place, maxBytes: 2 ** 30, isRefresh: false });
    } finally {
      await backend.close();
    }
  }

  /** What another process on the same sandboxes would work with. */
  anotherProcess(): EpisodeDeps {
    const { deps, close } = startProcess(this.runDir, this.backend, 0);
    this.opened.push(close);
    return deps;
  }

  async close(): Promise<void> {
    for (const close of this.opened) await close();
    const left = createBackend(this.runDir, this.backend);
    const forgotten = await left.list({ owner: path.basename(this.runDir) });
    for (const { id } of forgotten) await left.destroy(id);
    await left.close();
    await rm(this.runDir, { recursive: true, force: true });
    expect(forgotten).toEqual([]);
  }
}

function createBackend(runDir: string, name: BackendName): SandboxBackend {
  return name === 'docker' ? new DockerBackend({ runDir }) : new LocalBackend({ rootfs: readConfig().rootfs, runDir });
}

function suppliesOf(stateDir: string, backend: SandboxBackend): Supplies {
  return new Supplies(stateDir, (image) => backend.identify(image));
}

function startProcess(
  runDir: string,
  name: BackendName,
  warm: number,
  stateDir?: string,
): { deps: EpisodeDeps; close: () => Promise<void> } {
  const backend = createBackend(runDir, name);
  const pool = new SandboxPool(backend, { warm, labels: { owner: path.basename(runDir) } });
  const sandboxes = new LeasedSandboxes(pool, new GpuLeases([]), backend);
  const supplies = stateDir === undefined ? NOTHING_PREPARED : suppliesOf(stateDir, backend);
  const baselines = new Baselines(sandboxes, memoryBaselineCache(), supplies);
  const close = async () => {
    await baselines.close();
    await pool.close();
    await backend.close();
  };
  return { deps: { sandboxes, baselines, supplies }, close };
}
