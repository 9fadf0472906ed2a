import path from 'node:path/posix';
import { type Sandbox, WORKSPACE } from '../../sandbox/sandbox.js';
import type { Task } from '../task.js';
import type { WorkspaceData } from './workspace-data.js';
import { agentFiles, dataFiles, type Keeper } from './workspace-files.js';

const HOME = path.dirname(WORKSPACE);

/**
 * Binds a fresh sandbox to a task: starter files and small datasets are copied in; mounts were made with the sandbox.
 * The workspace then holds what MLGym's cleaning after a reset leaves: the starter files and `data`. Hidden files never
 * come here.
 * @param keeper owner of what the agent is not to change
 * @throws RpcError `task_broken` when a file of the task is gone; SandboxError
 */
export async function prepareWorkspace(
  sandbox: Sandbox,
  task: Task,
  data: WorkspaceData,
  keeper: Keeper = 'root',
): Promise<void> {
  const [starter, copied] = await Promise.all([
    agentFiles(task, keeper),
    dataFiles(task, data.files, keeper),
    // As an agent's home is elsewhere: closed to others, of whom there is none unless the evaluator works beside it.
    task.sidecar.evaluation.mode === 'sealed' && sandbox.makeDirectory(HOME, 0o750, 'agent'),
  ]);
  // The agent may add to `data`, as under MLGym; what lies there is not its own.
  if (copied.length > 0) await sandbox.makeDirectory(`${WORKSPACE}/data`, 0o755, 'agent');
  const hidden = new Set(task.hiddenFiles.map((file) => `${WORKSPACE}/${file.path}`));
  await sandbox.putFiles([...starter, ...copied].filter((file) => !hidden.has(file.path)));
}
