import type { Sandbox } from '../../sandbox/sandbox.js';
import type { EpisodeSettings } from '../episode/episode-options.js';
import { EPISODE_SLACK_MS } from '../limits.js';
import { layOutSupplies, type SupplySource } from '../supplies/task-supplies.js';
import type { Task } from '../task.js';
import { prepareWorkspace } from './prepare-workspace.js';
import { ofAgent } from './sandbox-faults.js';
import type { SandboxLeases } from './sandbox-leases.js';
import { sandboxRequest } from './sandbox-request.js';
import { workspaceData } from './workspace-data.js';

/**
 * Gets a sandbox and puts the agent's side of the task into it.
 * @throws RpcError `sandbox_unavailable`, `resources_unavailable`, `task_broken`; the signal's reason
 */
export async function acquireWorkspace(
  task: Task,
  leases: SandboxLeases,
  {
    episodeId,
    settings,
    source,
    signal,
  }: { episodeId: string; settings: EpisodeSettings; source: SupplySource; signal?: AbortSignal },
): Promise<Sandbox> {
  const [data, supplies] = await Promise.all([workspaceData(task), source.of(task)]);
  const request = sandboxRequest(task, 'agent', {
    mounts: data.mounts,
    supplies,
    lifetimeMs: settings.episode_timeout_s * 1000 + EPISODE_SLACK_MS,
    labels: { episode: episodeId },
  });
  const sandbox = await ofAgent(() => leases.acquire(request, signal));
  // In MLGym everything is the agent's. Where the evaluation has files of its own, nothing is lost by that.
  const isOwn = settings.compat === 'mlgym' && task.sidecar.evaluation.mode === 'sealed';
  await ofAgent(() => prepareWorkspace(sandbox, task, data, isOwn ? 'agent' : 'root'));
  await ofAgent(() => layOutSupplies(sandbox, supplies, 'agent'));
  return sandbox;
}
