import {
  type Action,
  type EpisodeState,
  type Info,
  type ResetResult,
  RpcError,
  type StepResult,
  type TaskDetail,
  type TaskSummary,
} from '../protocol/index.js';
import { WORKSPACE } from '../sandbox/sandbox.js';
import type { Env, EnvFactory, StepOptions } from './env.js';

/** An env of this process, as `TaskRegistry.register` takes it. */
export interface BuiltinEnv {
  summary: TaskSummary;
  detail: TaskDetail;
  factory: EnvFactory;
}

/** What an env does with an action: the text to show and how long to wait before. */
type Answer = (action: Action) => { text: string; waitMs: number };

const LONGEST_WAIT_MS = 600_000;

function detailOf(task: string, name: string, description: string): TaskDetail {
  return {
    task,
    name,
    entrypoint: 'builtin',
    metric: null,
    direction: null,
    baseline: null,
    gpus: 0,
    max_steps: Number.MAX_SAFE_INTEGER,
    content_hash: `builtin:${task}`,
    description,
    files: [],
    submission_paths: [],
    training_timeout_s: LONGEST_WAIT_MS / 1000,
    evaluation_mode: 'sealed',
    template: { id: task, name, description, training_timeout: String(LONGEST_WAIT_MS / 1000) },
  };
}

function textOf(action: Action): string {
  if (typeof action === 'string') return action;
  return action.type === 'command' || action.type === 'bash' ? action.command : JSON.stringify(action);
}

/**
 * An episode without a sandbox: what a server costs by itself shows on it. Its reward is 1 a step; `submit` ends it.
 */
class BuiltinEpisode implements Env {
  #steps = 0;
  #busy = false;
  #end: 'submitted' | 'closed' | null = null;
  #isReset = false;
  readonly #startedMs = Date.now();
  readonly #closing = new AbortController();

  constructor(
    readonly episodeId: string,
    private readonly detail: TaskDetail,
    private readonly seed: number | null,
    private readonly answer: Answer,
  ) {}

  async reset(): Promise<ResetResult> {
    this.#isReset = true;
    return { episode_id: this.episodeId, observation: this.#observe(this.detail.description), info: this.#info(0) };
  }

  async step(action: Action, options: StepOptions = {}): Promise<StepResult> {
    if (!this.#isReset) throw new RpcError('reset_needed', 'Reset the episode before the first step.');
    if (this.#end) throw new RpcError('episode_over', `Episode ${this.episodeId} ended. Reset a new one.`);
    if (this.#busy) throw new RpcError('episode_busy', 'Another action of this episode is still under way.');
    this.#busy = true;
    const startedMs = performance.now();
    try {
      const { text, waitMs } = this.answer(action);
      if (waitMs > 0) await this.#sleep(waitMs, options.signal);
      this.#steps += 1;
      if (textOf(action).trim() === 'submit' || (typeof action === 'object' && action.type === 'submit'))
        this.#end = 'submitted';
      return {
        episode_id: this.episodeId,
        observation: this.#observe(text),
        reward: 1,
        terminated: this.#end !== null,
        truncated: false,
        info: this.#info(performance.now() - startedMs),
      };
    } finally {
      this.#busy = false;
    }
  }

  async interrupt(): Promise<boolean> {
    return false;
  }

  state(): EpisodeState {
    return {
      episode_id: this.episodeId,
      task: this.detail.task,
      status: this.#end ? 'ended' : this.#busy ? 'running' : this.#isReset ? 'ready' : 'resetting',
      step_count: this.#steps,
      remaining_steps: this.detail.max_steps - this.#steps,
      terminated: this.#end === 'submitted',
      truncated: this.#end === 'closed',
      exit_status: this.#end,
      exit_reason: this.#end && (this.#end === 'submitted' ? 'submit' : 'closed'),
      scores: [],
      started_at: new Date(this.#startedMs).toISOString(),
    };
  }

  async close(): Promise<void> {
    this.#end ??= 'closed';
    this.#closing.abort();
  }

  async #sleep(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const stop = signal ? AbortSignal.any([signal, this.#closing.signal]) : this.#closing.signal;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        stop.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, waitMs);
      stop.addEventListener('abort', done);
      if (stop.aborted) done();
    });
    if (this.#closing.signal.aborted) throw new RpcError('cancelled', 'The episode was closed.');
  }

  #observe(text: string): StepResult['observation'] {
    const remaining_steps = this.detail.max_steps - this.#steps;
    const where = { cwd: WORKSPACE, open_file: null, state: '{}', exit_code: 0, running: false, omitted_bytes: 0 };
    return { text, ...where, step: this.#steps, remaining_steps };
  }

  #info(stepMs: number): Info {
    const { task, content_hash } = this.detail;
    return {
      episode_id: this.episodeId,
      task,
      task_hash: content_hash,
      seed: this.seed,
      metric: null,
      direction: null,
      baseline: null,
      baseline_scores: null,
      score: null,
      metrics: null,
      metrics_json: null,
      scores: [],
      valid: null,
      exit_status: this.#end,
      exit_reason: this.#end && (this.#end === 'submitted' ? 'submit' : 'closed'),
      mlgym_exit_status: this.#end === 'submitted' ? 'submitted' : '',
      submission: null,
      step_ms: stepMs,
      evaluation_ms: null,
    };
  }
}

function waitMsOf(action: Action): number {
  const asked = typeof action === 'object' && action.type === 'wait' ? (action.timeout_s ?? 0) : Number(textOf(action));
  return Number.isFinite(asked) ? Math.min(LONGEST_WAIT_MS, Math.max(0, asked * 1000)) : 0;
}

function builtin(task: string, name: string, description: string, answer: Answer): BuiltinEnv {
  const detail = detailOf(task, name, description);
  const { description: _, files, submission_paths, training_timeout_s, evaluation_mode, template, ...summary } = detail;
  return {
    summary,
    detail,
    factory: (episodeId, { seed }) => new BuiltinEpisode(episodeId, detail, seed ?? null, answer),
  };
}

/** Envs without a sandbox, for measuring servers and clients. */
export const BUILTIN_ENVS: readonly BuiltinEnv[] = [
  builtin('bench/echo-v1', 'Echo', 'Answers each action with its text.', (action) => ({
    text: textOf(action),
    waitMs: 0,
  })),
  builtin('bench/wait-v1', 'Wait', 'Takes an action for a number of seconds and answers after them.', (action) => {
    const waitMs = waitMsOf(action);
    return { text: `${waitMs / 1000}`, waitMs };
  }),
];
