import { existsSync } from 'node:fs';
import type { RegisteredEnv, TaskRegistry } from '../../env/registry.js';
import { Sidecar, type Task } from '../../env/task.js';

/** What a catalogue asks of a registry. */
type Tasks = Pick<TaskRegistry, 'get' | 'list' | 'describe' | 'reload'>;

/** What a sandbox has that is asked for nothing. */
const PLAIN = Sidecar.shape.resources.parse({});

/**
 * The tasks of a registry without what only their programs need: datasets that are not on this machine, what is fetched from
 * the Hub, a Python environment of their own, GPUs, the network. Files and commands are the same; programs fail, and so may evaluations.
 */
export function bareTasks(registry: Tasks): Tasks {
  // Facts of a task are remembered by the object.
  const made = new WeakMap<Task, RegisteredEnv>();
  const bare = (entry: RegisteredEnv): RegisteredEnv => {
    if (entry.kind !== 'task') return entry;
    const known = made.get(entry.task) ?? { ...entry, task: { ...entry.task, ...withoutNeeds(entry.task) } };
    made.set(entry.task, known);
    return known;
  };
  return {
    get: (id) => bare(registry.get(id)),
    list: (namespace) => registry.list(namespace),
    describe: (id) => registry.describe(id),
    reload: () => registry.reload(),
  };
}

function withoutNeeds({ datasets, sidecar }: Task): Pick<Task, 'datasets' | 'sidecar' | 'requirements'> {
  const { gpus } = sidecar.resources;
  return {
    datasets: datasets.filter(({ isLocal, dataPath }) => isLocal && existsSync(dataPath)),
    requirements: null,
    sidecar: { ...sidecar, hub: [], network: 'none', resources: gpus > 0 ? PLAIN : sidecar.resources },
  };
}
