import type { Env } from '../../env/env.js';
import { Episode, type EpisodeDeps } from '../../env/episode.js';
import type { TaskRegistry } from '../../env/registry.js';
import type { ResetParams, TaskDetail, TaskSummary } from '../../protocol/index.js';
import type { EnvCatalogue } from '../../server/env-catalogue.js';

/** The tasks of a registry, played in sandboxes. */
export class TaskCatalogue implements EnvCatalogue {
  constructor(
    private readonly registry: TaskRegistry,
    private readonly deps: EpisodeDeps,
  ) {}

  list(namespace?: string): TaskSummary[] {
    return this.registry.list(namespace);
  }

  describe(task: string): TaskDetail {
    return this.registry.describe(task);
  }

  create(episodeId: string, params: ResetParams): Env {
    const entry = this.registry.get(params.task);
    if (entry.kind === 'built_in') return entry.factory(episodeId, params);
    return Episode.create(episodeId, entry.task, params, this.deps);
  }
}
