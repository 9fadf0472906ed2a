import { RpcError } from '../../protocol/index.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { WORKSPACE } from '../../sandbox/sandbox.js';
import { EPISODE_SLACK_MS, EVALUATOR_OUTPUT_BYTES, EVALUATOR_REPORT_CHARACTERS } from '../limits.js';
import { decodeOutput } from '../observation/decode-output.js';
import { filterOutput } from '../observation/filter-output.js';
import { layOutSupplies, NOTHING_PREPARED, type SupplySource } from '../supplies/task-supplies.js';
import type { Task } from '../task.js';
import { prepareWorkspace } from '../workspace/prepare-workspace.js';
import { ofEvaluation } from '../workspace/sandbox-faults.js';
import { SandboxLeases } from '../workspace/sandbox-leases.js';
import { sandboxRequest } from '../workspace/sandbox-request.js';
import type { SandboxSource } from '../workspace/sandbox-source.js';
import { workspaceData } from '../workspace/workspace-data.js';
import { evaluate } from './evaluate.js';
import { baselineCommand } from './evaluation-command.js';

/** Scores by metric. */
export type BaselineScores = Readonly<Record<string, number>>;

/** Where measured baselines are kept, by the content hash of their task. */
export interface BaselineCache {
  get(contentHash: string): Promise<BaselineScores | null>;
  set(contentHash: string, scores: BaselineScores): Promise<void>;
}

/** Measured baselines for as long as the process lives. */
export function memoryBaselineCache(): BaselineCache {
  const kept = new Map<string, BaselineScores>();
  return {
    get: async (contentHash) => kept.get(contentHash) ?? null,
    set: async (contentHash, scores) => void kept.set(contentHash, scores),
  };
}

/** Baseline scores of tasks: declared ones, else measured once in a sandbox and kept. */
export class Baselines {
  readonly #leases: SandboxLeases;
  readonly #cache: BaselineCache;
  readonly #supplies: SupplySource;
  readonly #measuring = new Map<string, Promise<BaselineScores>>();

  constructor(
    source: SandboxSource,
    cache: BaselineCache = memoryBaselineCache(),
    supplies: SupplySource = NOTHING_PREPARED,
  ) {
    this.#leases = new SandboxLeases(source);
    this.#cache = cache;
    this.#supplies = supplies;
  }

  /**
   * @returns null when the task declares none and has no script for one
   * @throws RpcError `task_broken` when the baseline fails, `evaluation_unavailable`; the signal's reason. A
   *   measurement goes on when the one who asked first gives up: others may wait for it.
   */
  async of(task: Task, signal?: AbortSignal): Promise<BaselineScores | null> {
    if (task.baselineScores && Object.keys(task.baselineScores).length > 0) return task.baselineScores;
    const { baseline, metric } = task.sidecar;
    if (baseline) return { [metric.name]: baseline.score };
    const script = task.baselinePath;
    if (script === null) return null;
    const known = await this.#cache.get(task.contentHash);
    if (known) return known;
    let measuring = this.#measuring.get(task.contentHash);
    if (!measuring) {
      measuring = this.#measure(task, script).finally(() => this.#measuring.delete(task.contentHash));
      measuring.catch(() => {});
      this.#measuring.set(task.contentHash, measuring);
    }
    return untilAborted(measuring, signal);
  }

  /** Ends measurements that run. Idempotent, never rejects. */
  close(): Promise<void> {
    return this.#leases.releaseAll();
  }

  async #measure(task: Task, script: string): Promise<BaselineScores> {
    const [data, supplies] = await Promise.all([workspaceData(task), this.#supplies.of(task)]);
    const timeoutMs = task.trainingTimeoutS * 1000;
    const request = sandboxRequest(task, 'baseline', {
      mounts: data.mounts,
      supplies,
      lifetimeMs: 2 * timeoutMs + EPISODE_SLACK_MS,
    });
    const sandbox = await ofEvaluation(() => this.#leases.acquire(request));
    try {
      await ofEvaluation(() => prepareWorkspace(sandbox, task, data));
      await ofEvaluation(() => layOutSupplies(sandbox, supplies, 'agent'));
      await this.#run(sandbox, task, script, timeoutMs);
      const facts = {
        // A script of ours to run, not an agent's: what it prints beside the metrics is no reason to refuse every episode.
        compat: 'fixed',
        ending: true,
        cwd: WORKSPACE,
        baseline: null,
        commandId: 'baseline-score',
      } as const;
      const sources = { leases: this.#leases, supplies: this.#supplies };
      const scored = await evaluate({ ...facts, ...sources, task, agent: sandbox });
      if (!scored.metrics) throw this.#broken(task, script, scored.error?.message ?? scored.text);
      const scores = Object.fromEntries(
        Object.entries(scored.metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
      );
      await this.#cache.set(task.contentHash, scores);
      return scores;
    } finally {
      void this.#leases.release(sandbox);
    }
  }

  async #run(sandbox: Sandbox, task: Task, script: string, timeoutMs: number): Promise<void> {
    const { argv, env } = baselineCommand(task, script);
    const keepBytes = { head: 0, tail: EVALUATOR_OUTPUT_BYTES };
    const facts = {
      commandId: 'baseline',
      cwd: WORKSPACE,
      user: 'agent',
      mergeStderr: true,
      keepBytes,
      timeoutMs,
    } as const;
    const run = await ofEvaluation(() => sandbox.exec({ ...facts, argv, env }));
    if (run.status === 'exited' && run.exitCode === 0) return;
    const output = filterOutput(decodeOutput(run.stdout)).slice(-EVALUATOR_REPORT_CHARACTERS);
    throw this.#broken(
      task,
      script,
      run.status === 'timed_out' ? `it ran for more than ${timeoutMs} ms. ${output}` : output,
    );
  }

  #broken(task: Task, script: string, output: string): RpcError {
    return new RpcError('task_broken', `Failed to run baseline script ${script}: ${output}`, { task: task.envId });
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
