import { PackError } from '../../env/packs/pack-error.js';
import type { PackTask } from '../../env/packs/pack-task.js';
import type { TaskDraft } from '../../env/packs/task-draft.js';
import { removeTask, writeTask } from '../../env/packs/write-pack.js';
import type { StageContext } from '../stage.js';
import { environmentFault } from './bench.js';
import { TaskFault } from './task-fault.js';

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
    await drafts.reload();
    try {
      await drafts.client.describeTask(task.envId, signal);
    } catch (error) {
      throw environmentFault(error, signal);
    }
    return task;
  }

  /** Removes what was added, and what is named besides. Rejects with the fault of the file system. */
  async clear(left: readonly string[] = []): Promise<void> {
    const ids = [...this.#ids, ...left];
    for (const id of ids) await removeTask(this.context.drafts.root, id);
    if (this.#ids.size > 0) await this.context.drafts.reload();
    this.#ids.clear();
  }
}
