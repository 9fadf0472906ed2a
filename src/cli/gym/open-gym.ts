import path from 'node:path';
import type { Config } from '../../config.js';
import { Baselines } from '../../env/evaluation/baselines.js';
import { fileBaselineCache } from '../../env/evaluation/file-baseline-cache.js';
import { EPISODE_SLACK_MS } from '../../env/limits.js';
import { MemoryStore } from '../../env/memory/memory-store.js';
import { FileHashes } from '../../env/packs/file-hashes.js';
import { formatFault } from '../../env/packs/pack-fault.js';
import { TaskRegistry } from '../../env/registry.js';
import { hubAccess } from '../../env/supplies/hub/hub-access.js';
import { type PreparationOptions, type PreparedPart, prepareTask } from '../../env/supplies/prepare-task.js';
import { Supplies } from '../../env/supplies/supplies.js';
import type { SupplySource } from '../../env/supplies/task-supplies.js';
import type { Task } from '../../env/task.js';
import { LeasedSandboxes } from '../../env/workspace/leased-sandboxes.js';
import { sandboxRequest } from '../../env/workspace/sandbox-request.js';
import { workspaceData } from '../../env/workspace/workspace-data.js';
import { Owners } from '../../files/owners.js';
import { log } from '../../log.js';
import { listGpus } from '../../sandbox/gpu-inventory.js';
import { GpuLeases } from '../../sandbox/gpu-leases.js';
import { Janitor } from '../../sandbox/janitor.js';
import { SandboxPool } from '../../sandbox/sandbox-pool.js';
import type { ServerMetrics } from '../../server/metrics.js';
import { bareTasks } from './bare-tasks.js';
import { type ChosenBackend, chooseBackend } from './choose-backend.js';
import { EpisodeRecords } from './episode-records.js';
import { gymMetrics } from './gym-metrics.js';
import { makeDirectory } from './make-directory.js';
import { TaskCatalogue } from './task-catalogue.js';

/** Everything behind a server: tasks, and sandboxes to play them in. */
export interface Gym {
  registry: TaskRegistry;
  catalogue: TaskCatalogue;
  backend: ChosenBackend;
  gpus: readonly string[];
  /** Shows the sandboxes and GPUs; for the server that serves this gym. */
  metrics: ServerMetrics;
  /** What is wrong with the packs, one line each. */
  faults: readonly { severity: 'error' | 'warning'; text: string }[];
  /**
   * Called when the server listens: makes sandboxes ahead for every kind that the tasks ask for, and forgets what an earlier process
   * left and nobody took up. Returns at once; failures are logged.
   */
  settle(): void;
  /**
   * Gets what a task needs from outside its pack, as `gymsmith tasks prepare` does.
   * @throws SupplyFault; the signal's reason
   */
  prepare(task: Task, how: Pick<PreparationOptions, 'maxBytes' | 'listener' | 'signal'>): Promise<PreparedPart[]>;
  /** Gives everything back. Idempotent, never rejects. */
  close(): Promise<void>;
}

export interface OpenGymOptions {
  /** Name as the owner of sandboxes; a gym that is opened again under it owns what it owned before. */
  owner: string;
  /** Keep running episodes for a later process of this owner when this one is killed. */
  isDurable: boolean;
  /** Play tasks without what only their programs need, see `bareTasks`. */
  isBare?: boolean;
}

/**
 * Loads the packs and opens the best backend.
 * @throws CliError when a directory of the settings cannot be used, or no sandbox can be made here
 */
export async function openGym(
  config: Config,
  { owner: name, isDurable, isBare = false }: OpenGymOptions = { owner: 'gym', isDurable: false },
): Promise<Gym> {
  await makeDirectory(config.stateDir, 'GYMSMITH_STATE_DIR');
  await makeDirectory(config.runDir, 'GYMSMITH_RUN_DIR', 0o700);
  const backend = await chooseBackend(config);
  const registry = await openRegistry(config);
  const gpus = await listGpus(config.gpus);
  const owners = new Owners(config.runDir);
  const owner = await owners.claim(name);
  const records = isDurable ? new EpisodeRecords(path.join(config.runDir, 'episodes', owner.id)) : null;
  const pool = new SandboxPool(backend.backend, { warm: config.warm, labels: { owner: owner.id } });
  const janitor = new Janitor({
    backends: [backend.backend],
    owners,
    owner,
    isAwaited: (id) => records?.awaits(id) ?? false,
  });
  if (!isDurable) void janitor.sweep();
  const leases = new GpuLeases(gpus);
  const sandboxes = new LeasedSandboxes(pool, leases, backend.backend);
  const supplies = new Supplies(config.stateDir, (image) => backend.backend.identify(image));
  const cache = fileBaselineCache(path.join(config.stateDir, 'baselines'));
  const baselines = new Baselines(sandboxes, cache, supplies);
  const memories = new MemoryStore(path.join(config.stateDir, 'memory'));
  let closing: Promise<void> | null = null;
  const close = async () => {
    await baselines.close();
    await pool.close();
    await janitor.close();
    await backend.backend.close();
    await owner.release();
  };
  return {
    registry,
    catalogue: new TaskCatalogue(
      isBare ? bareTasks(registry) : registry,
      { sandboxes, baselines, supplies, memories },
      records,
      leases,
    ),
    backend,
    gpus,
    metrics: gymMetrics(pool, leases),
    faults: registry.faults.map((fault) => ({ severity: fault.severity, text: formatFault(fault) })),
    settle: () => {
      records?.dropLeft();
      void janitor.sweep();
      void prefetch(registry, pool, supplies);
    },
    prepare: async (task, how) => {
      const place = { backend: backend.backend, owner: owner.id, network: config.network };
      const hub = await hubAccess(config.network);
      return prepareTask(task, { ...how, stateDir: config.stateDir, supplies, place, hub, isRefresh: false });
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

async function openRegistry(config: Config): Promise<TaskRegistry> {
  const hashes = await FileHashes.open(path.join(config.stateDir, 'file-hashes.json'));
  return TaskRegistry.open(config.packs, hashes);
}

async function prefetch(registry: TaskRegistry, pool: SandboxPool, source: SupplySource): Promise<void> {
  for (const { task: id, gpus } of registry.list()) {
    const entry = registry.get(id);
    if (entry.kind !== 'task' || gpus > 0) continue;
    try {
      const [{ mounts }, supplies] = await Promise.all([workspaceData(entry.task), source.of(entry.task)]);
      const lifetimeMs = entry.task.sidecar.limits.episode_timeout_ms + EPISODE_SLACK_MS;
      const request = sandboxRequest(entry.task, 'agent', { mounts, supplies, lifetimeMs });
      pool.prefetch({ ...request, resources: { ...request.resources, gpus: [] } });
    } catch (error) {
      log.warn({ err: error, task: id }, 'no sandbox is made ahead for a task');
    }
  }
}
