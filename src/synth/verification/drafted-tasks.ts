import { PackError } from '../../env/packs/pack-error.js';
import type { PackTask } from '../../env/packs/pack-task.js';
import type { TaskDraft } from '../../env/packs/task-draft.js';
import { removeTask, writeTask } from '../../env/packs/write-pack.js';
import { RpcError } from '../../protocol/index.js';
import { type StageContext, StageFault } from '../stage.js';
import { environmentFault } from './bench.js';
import { TaskFault } from './task-fault.js';

/** A reload that was under way when a draft was written may have missed it. */
const RELOADS = 5;

/** Tasks of one candidate in the pack of drafts, for as long as they are tried out. */
export class DraftedTasks {
  readonly #ids = new Set<string>();

  constructor(private readonly context: Pick<StageContext, 'drafts' | 'signal'>) {}

  /**
   * Writes a task and makes it known; one of this id that a killed process left is removed first.
   * @throws TaskFault `task_malformed`; StageFault; the signal's reason
   */
  async add(draft: TaskDraft): Promise<PackTask> {
    const { drafts, signal } = this.context;
    const { id } = draft.config;
    this.#ids.add(id);
    await removeTask(drafts.root, id);
    const task = await writeTask(drafts.root, draft).catch((error: unknown) => {
      if (error instanceof PackError) throw new TaskFault('task_malformed', error.message);
      throw error;
    });
    for (let reload = 1; ; reload++) {
      await drafts.reload();
      try {
        await drafts.client.describeTask(task.envId, signal);
        return task;
      } catch (error) {
        const isUnknown = error instanceof RpcError && error.code === 'unknown_task';
        if (!isUnknown) throw environmentFault(error, signal);
        if (reload < RELOADS) continue;
        throw new StageFault('sandbox_unavailable', `${task.envId} is not served: ${error.message}`);
      }
    }
  }

  /** Removes what was added, and what is named besides. Rejects with the fault of the file system. */
  async clear(left: readonly string[] = []): Promise<void> {
    const ids = [...this.#ids, ...left];
    for (const id of ids) await removeTask(this.context.drafts.root, id);
    if (this.#ids.size > 0) await this.context.drafts.reload();
    this.#ids.clear();
  }
}
