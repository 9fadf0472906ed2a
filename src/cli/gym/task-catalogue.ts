import type { EnvFactory } from '../../env/env.js';
import type { EpisodeDeps } from '../../env/episode.js';
import { episodeFactory } from '../../env/episode-factory.js';
import type { TaskRegistry } from '../../env/registry.js';
import type { TaskDetail, TaskSummary } from '../../protocol/index.js';
import type { EnvCatalogue } from '../../server/env-catalogue.js';

/** The tasks of a registry, played in sandboxes. */
export class TaskCatalogue implements EnvCatalogue {
  readonly create: EnvFactory;

  constructor(
    private readonly registry: TaskRegistry,
    deps: EpisodeDeps,
  ) {
    this.create = episodeFactory(registry, deps);
  }

  list(namespace?: string): TaskSummary[] {
    return this.registry.list(namespace);
  }

  describe(task: string): TaskDetail {
    return this.registry.describe(task);
  }
}
