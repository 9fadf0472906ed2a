import type { ReadOnlyMount } from '../../sandbox/sandbox.js';
import type { TaskSupplies } from '../supplies/task-supplies.js';
import type { Task } from '../task.js';
import type { SandboxRequest } from './sandbox-source.js';

/** An evaluator is offline unless it needs the network itself, which it cannot when it guards hidden files. */
function networkOf(task: Task, role: string): 'none' | 'open' {
  return role === 'evaluation' && task.hiddenFiles.length > 0 ? 'none' : task.sidecar.network;
}

/** The sandbox that a task asks for, as large for its evaluator as for its agent. */
export function sandboxRequest(
  task: Task,
  role: 'agent' | 'evaluation' | 'baseline',
  facts: {
    mounts: readonly ReadOnlyMount[];
    supplies: TaskSupplies;
    lifetimeMs: number;
    gpus?: readonly string[];
    labels?: Record<string, string>;
  },
): SandboxRequest {
  const { image, cpus, memory_bytes, disk_bytes, pids, gpus } = task.sidecar.resources;
  const { mounts, environment } = facts.supplies;
  const addsNothing = environment.programs.length === 0 && Object.keys(environment.variables).length === 0;
  return {
    image,
    resources: { cpus, memoryBytes: memory_bytes, diskBytes: disk_bytes, pids },
    gpus: facts.gpus ?? gpus,
    network: networkOf(task, role),
    mounts: [...facts.mounts, ...mounts],
    ...(!addsNothing && { environment }),
    // Daemons are started with whole milliseconds.
    lifetimeMs: Math.min(Math.ceil(facts.lifetimeMs), Number.MAX_SAFE_INTEGER),
    labels: { ...facts.labels, role },
  };
}
