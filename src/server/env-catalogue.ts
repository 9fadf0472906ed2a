import type { Env } from '../env/env.js';
import type { Capacity, ResetParams, TaskDetail, TaskReload, TaskSummary } from '../protocol/index.js';

/** The tasks that a server offers, and the envs made of them. */
export interface EnvCatalogue {
  /** @returns the tasks of one namespace or of all, in a stable order */
  list(namespace?: string): TaskSummary[];
  /** @throws RpcError `unknown_task` */
  describe(task: string): TaskDetail;
  /**
   * Makes the env of one episode; nothing is started before its `reset`.
   * @param episodeId unique among the live episodes of one session, not of the server
   * @throws RpcError `unknown_task`
   */
  create(episodeId: string, params: ResetParams): Env;
  /**
   * Takes up the env of an episode that an earlier process of this server left running.
   * @returns null when there is nothing left of it
   */
  restore?(episodeId: string, params: ResetParams): Promise<Env | null>;
  /** GPUs that episodes lease; absent where none are. */
  gpus?(): NonNullable<Capacity['gpus']>;
  /** Looks for new, removed and changed tasks where the tasks come from; running episodes go on. Absent where tasks are fixed. */
  reload?(): Promise<TaskReload>;
}
