import type { EnvFactory } from '../env.js';
import type { RegisteredEnv } from '../registry.js';
import { Episode } from './episode.js';
import type { EpisodeDeps } from './episode-deps.js';

/**
 * Makes envs of everything that a registry knows.
 * @returns a factory that throws RpcError `unknown_task` or `task_broken` as the registry does
 */
export function episodeFactory(tasks: { get(id: string): RegisteredEnv }, deps: EpisodeDeps): EnvFactory {
  return (episodeId, params) => {
    const known = tasks.get(params.task);
    return known.kind === 'task'
      ? Episode.create(episodeId, known.task, params, deps)
      : known.factory(episodeId, params);
  };
}
