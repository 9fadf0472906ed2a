import { PackError } from '../../env/packs/pack-error.js';
import type { PackTask } from '../../env/packs/pack-task.js';
import type { TaskDraft } from '../../env/packs/task-draft.js';
import { removeTask, writeTask } from '../../env/packs/write-pack.js';
import { mayPass } from '../../env/supplies/hub/hub-access.js';
import { hubNeeds } from '../../env/supplies/hub/hub-need.js';
import { TooLargeFault } from '../../env/supplies/hub/too-large-fault.js';
import { SupplyFault } from '../../env/supplies/supply-fault.js';
import { type StageContext, StageFault } from '../stage.js';
import { environmentFault } from './bench.js';
import { TaskFault } from './task-fault.js';

/** Tasks of one candidate in the pack of drafts, for as long as they are tried out. */
export class DraftedTasks {
  readonly #ids = new Set<string>();

  constructor(private readonly context: Pick<StageContext, 'drafts' | 'settings' | 'tell' | 'signal'>) {}

  /**
   * Writes a task, gets what it needs from the Hub, and makes it known; one of this id that a killed process left is removed first.
   * @throws TaskFault `task_malformed`, `dataset_missing`, `dataset_too_large`; StageFault; StorageFault; the signal's reason
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
    if (hubNeeds(task).length > 0) await this.#prepare(task);
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

  /** Only datasets that were not looked at before are fetched so late. */
  async #prepare(task: PackTask): Promise<void> {
    const { drafts, settings, tell, signal } = this.context;
    try {
      await drafts.prepare(task, { maxBytes: settings.hub.max_bytes, tell, signal });
    } catch (error) {
      if (!(error instanceof SupplyFault)) throw error;
      if (error instanceof TooLargeFault) throw new TaskFault('dataset_too_large', error.message);
      if (error.cause !== undefined && mayPass(error.cause)) {
        throw new StageFault('hub_unavailable', error.message, false, { cause: error });
      }
      throw new TaskFault('dataset_missing', error.message);
    }
  }
}
