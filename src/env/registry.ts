import { log } from '../log.js';
import { RpcError, type TaskDetail, type TaskSummary } from '../protocol/index.js';
import { closest } from '../yaml/closest.js';
import type { EnvFactory } from './env.js';
import { FileHashes } from './packs/file-hashes.js';
import { loadPack } from './packs/pack.js';
import { formatFault, type PackFault } from './packs/pack-fault.js';
import type { PackTask } from './packs/pack-task.js';
import { taskDetail, taskSummary } from './packs/task-summary.js';
import { ENV_ID } from './task.js';

/** What an env id stands for: a task of a pack, or an env that runs in this process. */
export type RegisteredEnv = { summary: TaskSummary; detail: TaskDetail } & (
  | { kind: 'task'; task: PackTask }
  | { kind: 'built_in'; factory: EnvFactory }
);

/** What a reload did, by env id. */
export interface ReloadReport {
  added: string[];
  removed: string[];
  /** Refused: a changed task is a new version. */
  changed: string[];
  faults: readonly PackFault[];
}

function ofTask(task: PackTask): RegisteredEnv {
  return { kind: 'task', task, summary: taskSummary(task), detail: taskDetail(task) };
}

function versionOf(envId: string): number {
  return Number(ENV_ID.exec(envId)?.groups?.version ?? -1);
}

function withoutVersion(envId: string): string {
  return envId.replace(/-v\d+$/, '');
}

/**
 * The tasks of several packs and the envs of this process, by env id. An id without version means the highest. What `get` returns
 * stays valid for the episode that holds it, whatever is reloaded meanwhile.
 */
export class TaskRegistry {
  private readonly builtIn = new Map<string, RegisteredEnv>();
  private tasks = new Map<string, RegisteredEnv>();
  /** Content hash of every task that was ever served. */
  private readonly served = new Map<string, string>();
  private found: PackFault[] = [];
  private loading: Promise<ReloadReport> | null = null;
  /** The load that begins when `loading` has ended. */
  private next: Promise<ReloadReport> | null = null;

  private constructor(
    private readonly packs: readonly string[],
    private readonly hashes: FileHashes,
  ) {}

  /**
   * Loads packs; faulty tasks are left out and told by `faults`.
   * @param packs directories
   * @param hashes remembers hashes of files across processes
   */
  static async open(packs: readonly string[], hashes: FileHashes = FileHashes.inMemory()): Promise<TaskRegistry> {
    const registry = new TaskRegistry(packs, hashes);
    await registry.reload();
    return registry;
  }

  /** Everything that is wrong with the packs, as of the last load. */
  get faults(): readonly PackFault[] {
    return this.found;
  }

  /**
   * Registers an env that runs in this process.
   * @throws Error when the id is malformed or taken
   */
  register(summary: TaskSummary, detail: TaskDetail, factory: EnvFactory): void {
    if (!ENV_ID.test(summary.task)) throw new Error(`${summary.task} is no env id: write namespace/name-v1`);
    if (this.builtIn.has(summary.task) || this.tasks.has(summary.task)) {
      throw new Error(`The env id ${summary.task} is taken: register it under another name or version`);
    }
    this.builtIn.set(summary.task, { kind: 'built_in', summary, detail, factory });
  }

  /**
   * @param id env id, with or without version
   * @throws RpcError `unknown_task` with the nearest ids, or `task_broken` with the faults of the task
   */
  get(id: string): RegisteredEnv {
    const exact = this.builtIn.get(id) ?? this.tasks.get(id);
    if (exact) return exact;
    const ids = this.ids();
    if (!/-v\d+$/.test(id)) {
      const newest = ids.filter((known) => withoutVersion(known) === id).at(-1);
      if (newest) return this.get(newest);
    }
    const faults = this.found.filter(
      (fault) =>
        fault.severity === 'error' && (fault.envId === id || (fault.envId && withoutVersion(fault.envId) === id)),
    );
    if (faults.length > 0) {
      const text = `The task ${id} cannot be served:\n${faults.map(formatFault).join('\n')}`;
      throw new RpcError('task_broken', text, { task: id });
    }
    throw this.unknown(id, ids);
  }

  /** Summaries in the order of namespace, name, version. */
  list(namespace?: string): TaskSummary[] {
    const ids = this.ids().filter((id) => namespace === undefined || id.startsWith(`${namespace}/`));
    return ids.map((id) => this.get(id).summary);
  }

  /** @throws RpcError as `get` does */
  describe(id: string): TaskDetail {
    return this.get(id).detail;
  }

  /**
   * Reads the packs again and swaps the catalogue at once. A task whose contents changed under its env id is no longer served: scores
   * of two different tasks would go by one name. What was in the packs at the time of the call is seen: calls during a reload share the one
   * that follows it.
   */
  reload(): Promise<ReloadReport> {
    if (this.loading !== null) {
      this.next ??= this.loading
        .catch(() => {})
        .then(() => {
          this.next = null;
          return this.reload();
        });
      return this.next;
    }
    this.loading = this.load().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  private async load(): Promise<ReloadReport> {
    const faults: PackFault[] = [];
    const tasks = new Map<string, RegisteredEnv>();
    const changed = new Set<string>();
    for (const root of this.packs) {
      const pack = await loadPack(root, this.hashes);
      faults.push(...pack.faults);
      for (const task of pack.tasks) {
        const refusal = this.refusal(task, tasks, changed);
        if (refusal) faults.push(refusal);
        else if (!tasks.has(task.envId)) tasks.set(task.envId, this.kept(task) ?? ofTask(task));
      }
    }
    await this.hashes
      .save()
      .catch((error: unknown) => log.warn({ err: error }, 'the cache of file hashes was not saved'));
    for (const [id, entry] of tasks) {
      if (entry.kind === 'task' && entry.task.isComplete) this.served.set(id, entry.task.contentHash);
    }
    const report: ReloadReport = {
      added: [...tasks.keys()].filter((id) => !this.tasks.has(id)),
      removed: [...this.tasks.keys()].filter((id) => !tasks.has(id) && !changed.has(id)),
      changed: [...changed],
      faults,
    };
    this.tasks = tasks;
    this.found = faults;
    return report;
  }

  /** The entry of an unchanged task, so that its identity survives a reload. */
  private kept(task: PackTask): RegisteredEnv | null {
    const known = this.tasks.get(task.envId);
    if (known?.kind !== 'task') return null;
    const same = known.task.contentHash === task.contentHash && known.task.packRoot === task.packRoot;
    return same && known.task.isComplete === task.isComplete ? known : null;
  }

  private refusal(task: PackTask, loaded: ReadonlyMap<string, RegisteredEnv>, changed: Set<string>): PackFault | null {
    const fault = (problem: string, remedy: string): PackFault => ({
      severity: 'error',
      packRoot: task.packRoot,
      file: task.configFile,
      line: null,
      field: null,
      problem,
      remedy,
      envId: task.envId,
    });
    const next = `${withoutVersion(task.envId)}-v${versionOf(task.envId) + 1}`;
    if (this.builtIn.has(task.envId)) {
      return fault(`${task.envId} is the id of a built-in environment`, `set env_id to ${next} in the sidecar`);
    }
    const other = loaded.get(task.envId);
    if (other?.kind === 'task' && other.task.contentHash !== task.contentHash) {
      const place = `${other.task.packRoot}/${other.task.configFile}`;
      const remedy = `a changed task is a new version: set env_id to ${next} in the sidecar, or load one of the two packs`;
      return fault(`another task with the id ${task.envId} was loaded from ${place}`, remedy);
    }
    const earlier = this.served.get(task.envId);
    if (earlier !== undefined && earlier !== task.contentHash) {
      changed.add(task.envId);
      const problem = `changed since it was first served as ${task.envId}`;
      return fault(
        problem,
        `a changed task is a new version: set env_id to ${next} in the sidecar, or undo the change`,
      );
    }
    return null;
  }

  private ids(): string[] {
    return [...this.builtIn.keys(), ...this.tasks.keys()].sort((a, b) => {
      const [left, right] = [withoutVersion(a), withoutVersion(b)];
      return left === right ? versionOf(a) - versionOf(b) : left < right ? -1 : 1;
    });
  }

  private unknown(id: string, ids: readonly string[]): RpcError {
    const newest = new Map(ids.map((known) => [withoutVersion(known), known]));
    const names = new Map([...newest].map(([base, known]) => [base.replace(/^.*\//, ''), known]));
    const wanted = withoutVersion(id);
    const near = [
      newest.get(wanted),
      ...closest(wanted, newest.keys()).map((base) => newest.get(base)),
      ...closest(wanted.replace(/^.*\//, ''), names.keys()).map((name) => names.get(name)),
    ];
    const suggestions = [...new Set(near)].filter((known) => known !== undefined).slice(0, 3);
    const hint =
      suggestions.length > 0
        ? `Did you mean ${suggestions.join(' or ')}?`
        : ids.length > 0
          ? 'List the tasks to see what there is.'
          : 'No task is loaded: name a pack directory.';
    return new RpcError('unknown_task', `There is no task ${JSON.stringify(id.slice(0, 200))}. ${hint}`, {
      task: id,
      suggestions,
    });
  }
}
