import {
  type Action,
  type EpisodeState,
  type ExitReason,
  type ExitStatus,
  type ResetParams,
  type ResetResult,
  RpcError,
  type StepResult,
} from '../protocol/index.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { acquireWorkspace } from './acquire-workspace.js';
import { AgentShell, type ShellOutcome } from './agent-shell.js';
import type { Baselines } from './baselines.js';
import { classifyAction, type Plan } from './classify-action.js';
import type { Env, StepOptions } from './env.js';
import { episodeSettings } from './episode-options.js';
import { actionKey, type EpisodeRecord, newRecord } from './episode-record.js';
import { episodeState, exitStatusOf, infoOf, observationOf, type StepOutcome, stepResult } from './episode-report.js';
import { evaluate, evaluationTimeoutMs } from './evaluate.js';
import { evaluationReason } from './evaluation-reason.js';
import { type EvaluationError, mlgymExitStatus } from './exit-status.js';
import { EPISODE_SLACK_MS } from './limits.js';
import { evaluatedText, exitedText, NOTHING_RUNS, SKIPPED } from './observation.js';
import { floatsRepr } from './python-repr.js';
import { ofAgent } from './sandbox-faults.js';
import { SandboxLeases } from './sandbox-leases.js';
import type { SandboxSource } from './sandbox-source.js';
import type { Task } from './task.js';

/** What an episode needs of its surroundings. */
export interface EpisodeDeps {
  sandboxes: SandboxSource;
  baselines: Baselines;
  /** Unix time in milliseconds. */
  now?: () => number;
  /** Called with every state that another process could take up: before a command starts, and after every step. */
  onRecord?: (record: EpisodeRecord) => void;
}

/** The sandbox of a live episode with the shell in it. */
interface AgentSide {
  sandbox: Sandbox;
  shell: AgentShell;
}

/** One episode on a task: the state is a record, the agent's world is a sandbox, an evaluation gives the score. */
export class Episode implements Env {
  readonly #task: Task;
  readonly #deps: EpisodeDeps;
  readonly #record: EpisodeRecord;
  readonly #leases: SandboxLeases;
  #agent: AgentSide | null = null;
  #began = false;
  #busy = false;
  /** Set while the sandbox is lost and no step has told it. */
  #loss: RpcError | null = null;

  private constructor(record: EpisodeRecord, task: Task, deps: EpisodeDeps) {
    this.#record = record;
    this.#task = task;
    this.#deps = deps;
    this.#leases = new SandboxLeases(deps.sandboxes);
  }

  /** An episode that has not begun; `reset` begins it. */
  static create(
    episodeId: string,
    task: Task,
    params: Pick<ResetParams, 'options' | 'seed'>,
    deps: EpisodeDeps,
  ): Episode {
    const settings = episodeSettings(task, params);
    return new Episode(newRecord(episodeId, task, settings, (deps.now ?? Date.now)()), task, deps);
  }

  /**
   * Takes up an episode of an earlier process. A command that ran goes on; `wait` delivers its result.
   * @throws RpcError `sandbox_unavailable` when its sandbox is gone, `task_broken` when the task is not the same any more
   */
  static async adopt(record: EpisodeRecord, task: Task, deps: EpisodeDeps): Promise<Episode> {
    if (record.task_hash !== task.contentHash) {
      throw new RpcError('task_broken', `The task ${task.envId} changed since episode ${record.episode_id} began.`);
    }
    const episode = new Episode(structuredClone(record), task, deps);
    episode.#began = true;
    if (!record.end) await episode.#takeUp();
    return episode;
  }

  get episodeId(): string {
    return this.#record.episode_id;
  }

  async reset(signal?: AbortSignal): Promise<ResetResult> {
    if (this.#began) throw new RpcError('episode_over', 'An episode is reset once; reset a new one.');
    this.#began = true;
    const record = this.#record;
    const startedMs = this.#now();
    try {
      const { settings } = record;
      const [sandbox, baseline] = await Promise.all([
        acquireWorkspace(this.#task, this.#leases, { episodeId: this.episodeId, settings, signal }),
        this.#deps.baselines.of(this.#task, signal),
      ]);
      const { shell } = this.#hold(sandbox);
      await shell.setUp();
      if (record.end) throw new RpcError('cancelled', 'The episode was closed.');
      record.baseline_scores = baseline && { ...baseline };
      record.started_at_ms = this.#now();
      record.deadline_ms = record.started_at_ms + settings.episode_timeout_s * 1000;
      record.phase = 'ready';
      this.#save();
    } catch (error) {
      const fault = this.#attribute(error);
      await this.close();
      throw signal?.aborted
        ? new RpcError('cancelled', 'The reset was cancelled.', undefined, { cause: error })
        : fault;
    }
    const outcome = { text: this.#task.description };
    const info = infoOf(record, this.#task, outcome, this.#now() - startedMs);
    return { episode_id: this.episodeId, observation: observationOf(record, outcome), info };
  }

  async step(action: Action, options: StepOptions = {}): Promise<StepResult> {
    const agent = this.#ready();
    this.#busy = true;
    const startedMs = this.#now();
    try {
      const outcome = await this.#act(agent, action, options);
      if (this.#loss && !this.#record.end) this.#end('sandbox_unavailable', 'sandbox_lost');
      return stepResult(this.#record, this.#task, outcome, this.#now() - startedMs);
    } catch (error) {
      throw this.#attribute(error);
    } finally {
      this.#busy = false;
      if (!this.#record.end) this.#record.phase = agent.shell.running ? 'running' : 'ready';
      this.#save();
      if (!this.#record.end) agent.shell.acknowledge();
    }
  }

  async interrupt(): Promise<boolean> {
    if (this.#record.end || !this.#agent) return false;
    try {
      return await this.#agent.shell.interrupt();
    } catch (error) {
      throw this.#attribute(error);
    }
  }

  state(): EpisodeState {
    return episodeState(this.#record);
  }

  /** The state as another process can take it up with `adopt`. */
  toRecord(): EpisodeRecord {
    return structuredClone(this.#record);
  }

  async close(): Promise<void> {
    if (!this.#record.end) this.#end('closed', 'closed');
    await this.#leases.releaseAll();
  }

  #now(): number {
    return (this.#deps.now ?? Date.now)();
  }

  #save(): void {
    this.#deps.onRecord?.(this.toRecord());
  }

  #hold(sandbox: Sandbox): AgentSide {
    this.#record.sandbox_id = sandbox.id;
    this.#agent = { sandbox, shell: new AgentShell(sandbox, this.#record) };
    void sandbox.lost.then((reason) => {
      if (this.#record.end) return;
      this.#loss = new RpcError('sandbox_unavailable', `The sandbox of the episode was lost: ${reason}`);
      // A reset or a step under way finds out by itself, and may still have a score to give.
      if (!this.#busy && this.#record.phase !== 'resetting') this.#end('sandbox_unavailable', 'sandbox_lost');
    });
    return this.#agent;
  }

  async #takeUp(): Promise<void> {
    const { sandbox_id } = this.#record;
    try {
      if (sandbox_id === null) throw new RpcError('sandbox_unavailable', 'The episode had no sandbox yet.');
      const { sandbox, shell } = this.#hold(await ofAgent(() => this.#leases.adopt(sandbox_id)));
      // An evaluation may have been cut off while the agent stood still.
      await ofAgent(() => sandbox.thaw());
      shell.attach();
      this.#record.phase = shell.running ? 'running' : 'ready';
      this.#save();
    } catch (error) {
      await this.#leases.releaseAll();
      throw error;
    }
  }

  #ready(): AgentSide {
    if (this.#record.end) {
      const loss = this.#loss;
      this.#loss = null;
      throw loss ?? new RpcError('episode_over', `Episode ${this.episodeId} ended. Reset a new one.`);
    }
    if (!this.#agent || this.#record.phase === 'resetting') {
      throw new RpcError('reset_needed', 'Reset the episode before the first step.');
    }
    if (this.#busy) throw new RpcError('episode_busy', 'Another action of this episode is still under way.');
    return this.#agent;
  }

  /** Ends the episode when the fault took its sandbox. */
  #attribute(error: unknown): unknown {
    const { end } = this.#record;
    if (end?.exit_status === 'closed') {
      return new RpcError('cancelled', 'The episode was closed.', undefined, { cause: error });
    }
    if (!(error instanceof RpcError) || error.code !== 'sandbox_unavailable') return error;
    this.#loss = null;
    if (!end) this.#end('sandbox_unavailable', 'sandbox_lost');
    return error;
  }

  #end(status: ExitStatus, reason: ExitReason, error: EvaluationError | null = null): void {
    const record = this.#record;
    record.phase = 'ended';
    record.end = {
      exit_status: status,
      exit_reason: reason,
      mlgym_exit_status: mlgymExitStatus(status, reason, error),
    };
    record.due = null;
    record.running = null;
    this.#save();
    void this.#leases.releaseAll();
  }

  async #act(agent: AgentSide, action: Action, options: StepOptions): Promise<StepOutcome> {
    const record = this.#record;
    const key = actionKey(action);
    const { due } = record;
    if (due?.action === key) return this.#evaluate(agent, due.reason, due.text, key);
    const plan = classifyAction(action, record.settings, agent.shell.running);
    if (agent.shell.running) return this.#attend(agent, plan, options, key);
    if (plan.kind === 'wait' || plan.kind === 'interrupt') return { text: NOTHING_RUNS };
    record.due = null;
    record.step_count += 1;
    if (record.step_count > record.settings.max_steps) return this.#evaluate(agent, 'max_steps', '', key);
    if (this.#now() >= record.deadline_ms) return this.#evaluate(agent, 'time_limit', '', key);
    return this.#perform(agent, plan, options, key);
  }

  /** While a command runs, an action can only wait for it or end it. */
  async #attend(agent: AgentSide, plan: Plan, options: StepOptions, key: string): Promise<StepOutcome> {
    if (plan.kind === 'interrupt') await agent.shell.interrupt();
    else if (plan.kind !== 'wait') {
      throw new RpcError('episode_busy', 'A command is still running. Send `wait` for its result, or `interrupt`.');
    }
    const own = plan.kind === 'wait' ? plan.timeoutMs : null;
    const deadlineMs = own === null ? options.deadlineMs : Math.min(own, options.deadlineMs ?? own);
    return this.#settle(agent, await agent.shell.wait({ ...options, deadlineMs }), key);
  }

  async #perform(agent: AgentSide, plan: Plan, options: StepOptions, key: string): Promise<StepOutcome> {
    switch (plan.kind) {
      case 'skip':
        this.#end('skipped', 'skip');
        return { text: SKIPPED };
      case 'forfeit':
        this.#end('exit_forfeit', 'exit_forfeit');
        return { text: exitedText('exit_forfeit') };
      case 'give_up':
        return this.#evaluate(agent, plan.reason, '', key);
      case 'validate':
      case 'submit':
        return this.#evaluate(agent, plan.kind, '', key);
      case 'tool':
        return this.#settle(agent, await agent.shell.tool(plan.path, plan.calls), key);
      case 'shell':
        this.#record.phase = 'running';
        agent.shell.start(plan.command, plan.timeoutS, this.#record.deadline_ms - this.#now(), options);
        this.#save();
        return this.#settle(agent, await agent.shell.wait(options), key);
      default:
        return { text: plan.kind === 'observe' ? plan.text : NOTHING_RUNS };
    }
  }

  /** Does what a command asked the environment for, and cuts the episode short when its time is over. */
  async #settle(agent: AgentSide, outcome: ShellOutcome, key: string): Promise<StepOutcome> {
    if (outcome.running) return outcome;
    const isOver = this.#now() >= this.#record.deadline_ms;
    const reason = evaluationReason(outcome, this.#record.settings.compat) ?? (isOver ? 'time_limit' : null);
    return reason ? { ...outcome, ...(await this.#evaluate(agent, reason, outcome.text, key)) } : outcome;
  }

  /** @param before what the command showed that led here */
  async #evaluate(
    agent: AgentSide,
    reason: ExitReason | 'validate',
    before: string,
    key: string,
  ): Promise<StepOutcome> {
    const record = this.#record;
    const startedMs = this.#now();
    record.phase = 'evaluating';
    record.due = { action: key, reason, text: before };
    this.#save();
    const leftMs = Math.max(0, record.deadline_ms - startedMs);
    const lifetimeMs = leftMs + evaluationTimeoutMs(this.#task) + EPISODE_SLACK_MS;
    await ofAgent(() => agent.sandbox.setLifetime(lifetimeMs));
    const evaluation = await evaluate({
      task: this.#task,
      agent: agent.sandbox,
      leases: this.#leases,
      compat: record.settings.compat,
      ending: reason !== 'validate',
      cwd: record.cwd,
      baseline: record.baseline_scores && floatsRepr(record.baseline_scores),
      commandId: `e${record.step_count}-${record.scores.length}`,
    });
    const evaluationMs = this.#now() - startedMs;
    record.due = null;
    // The time of the evaluator is not the agent's.
    record.deadline_ms += evaluationMs;
    if (evaluation.metrics) record.scores.push(evaluation.metrics);
    if (reason !== 'validate') this.#end(exitStatusOf(reason, evaluation), reason, evaluation.error);
    const text = reason === 'validate' ? evaluation.text : exitedText(reason);
    return { text: evaluatedText(reason, before, text, record.settings.compat), evaluation, evaluationMs };
  }
}
