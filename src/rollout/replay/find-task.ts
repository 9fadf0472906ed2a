import type { EnvClient } from '../../client/index.js';
import type { Recording } from './recording.js';

/**
 * Finds the task of a recording among those of a gym: by env id, by the name in it, or by the `id` of its configuration, which is what
 * MLGym files trajectories under.
 * @returns the env id; null when there is none
 * @throws RpcError
 */
export async function findTask(client: EnvClient, { taskNames }: Pick<Recording, 'taskNames'>): Promise<string | null> {
  const tasks = (await client.listTasks()).map(({ task }) => task).sort(mlgymFirst);
  for (const name of taskNames) {
    const found = tasks.find((task) => task === name || bare(task) === name || task.replace(/-v\d+$/, '') === name);
    if (found !== undefined) return found;
  }
  for (const task of tasks) {
    const { id } = (await client.describeTask(task)).template;
    if (id !== undefined && taskNames.includes(id)) return task;
  }
  return null;
}

function bare(task: string): string {
  return task.replace(/^[^/]*\//, '').replace(/-v\d+$/, '');
}

/** Tasks of MLGym's own checkout before others that have the same name, and later versions before earlier ones. */
function mlgymFirst(a: string, b: string): number {
  const rank = (task: string) => (task.startsWith('mlgym/') ? 0 : 1);
  return rank(a) - rank(b) || (a < b ? 1 : -1);
}
