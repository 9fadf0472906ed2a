import type { Env } from '../../env/env.js';
import { Episode } from '../../env/episode/episode.js';
import type { EpisodeDeps } from '../../env/episode/episode-deps.js';
import { episodeFactory } from '../../env/episode/episode-factory.js';
import { formatFault } from '../../env/packs/pack-fault.js';
import type { TaskRegistry } from '../../env/registry.js';
import { log } from '../../log.js';
import type { Capacity, ResetParams, TaskDetail, TaskReload, TaskSummary } from '../../protocol/index.js';
import type { GpuLeases } from '../../sandbox/gpu-leases.js';
import type { EnvCatalogue } from '../../server/env-catalogue.js';
import type { EpisodeRecords } from './episode-records.js';

/** The tasks of a registry, played in sandboxes. */
export class TaskCatalogue implements EnvCatalogue {
  readonly restore?: EnvCatalogue['restore'];

  /** @param records where episodes are kept for a later process; null: they end with this one */
  constructor(
    private readonly registry: Pick<TaskRegistry, 'get' | 'list' | 'describe' | 'reload'>,
    private readonly deps: EpisodeDeps,
    private readonly records: EpisodeRecords | null = null,
    private readonly leases: Pick<GpuLeases, 'stats'> | null = null,
  ) {
    if (records) this.restore = (episodeId, params) => this.#restore(records, episodeId, params);
  }

  list(namespace?: string): TaskSummary[] {
    return this.registry.list(namespace);
  }

  describe(task: string): TaskDetail {
    return this.registry.describe(task);
  }

  gpus(): NonNullable<Capacity['gpus']> {
    const { total, leased, waiting } = this.leases?.stats() ?? { total: 0, leased: 0, waiting: 0 };
    return { total, leased, waiting };
  }

  create(episodeId: string, params: ResetParams): Env {
    const deps = this.records ? { ...this.deps, onRecord: this.records.writer() } : this.deps;
    return episodeFactory(this.registry, deps)(episodeId, params);
  }

  async reload(): Promise<TaskReload> {
    const { faults, ...report } = await this.registry.reload();
    const told = faults.map((fault) => ({ severity: fault.severity, task: fault.envId, text: formatFault(fault) }));
    return { ...report, faults: told };
  }

  async #restore(records: EpisodeRecords, episodeId: string, params: ResetParams): Promise<Env | null> {
    const entry = this.registry.get(params.task);
    if (entry.kind !== 'task') return null;
    const left = records.take(episodeId, entry.task.envId);
    if (!left) return null;
    const onRecord = records.writer(left.file);
    try {
      return await Episode.adopt(left.record, entry.task, { ...this.deps, onRecord });
    } catch (error) {
      log.warn({ err: error, episode: episodeId }, 'the sandbox of an episode cannot be taken up');
      onRecord({ ...left.record, end: { exit_status: 'closed', exit_reason: 'closed', mlgym_exit_status: '' } });
      return null;
    }
  }
}
