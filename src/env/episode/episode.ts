import {
  type Action,
  type EpisodeState,
  type ExitReason,
  type ExitStatus,
  type ResetParams,
  type ResetResult,
  RpcError,
  type StepResult,
} from '../../protocol/index.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import type { Env, StepOptions } from '../env.js';
import { evaluationReason } from '../evaluation/evaluation-reason.js';
import { type EvaluationError, mlgymExitStatus } from '../evaluation/exit-status.js';
import { scoreWork } from '../evaluation/score-work.js';
import { giveMemory, keepMemory } from '../memory/agent-memory.js';
import { type Memories, NO_MEMORIES } from '../memory/memory-store.js';
import { EVALUATION_RUNNING } from '../observation/observation.js';
import { NOTHING_PREPARED, type SupplySource } from '../supplies/task-supplies.js';
import type { Task } from '../task.js';
import { acquireWorkspace } from '../workspace/acquire-workspace.js';
import { ofAgent } from '../workspace/sandbox-faults.js';
import { SandboxLeases } from '../workspace/sandbox-leases.js';
import { AgentShell, type ShellOutcome } from './agent-shell.js';
import { classifyAction, type Plan } from './classify-action.js';
import type { EpisodeDeps } from './episode-deps.js';
import { episodeSettings } from './episode-options.js';
import { actionKey, type EpisodeRecord, newRecord } from './episode-record.js';
import { episodeState, infoOf, observationOf, type StepOutcome, stepResult } from './episode-report.js';
import { plannedOutcome } from './planned-outcome.js';
import { ShellSetup } from './shell-setup.js';
import { steadyNow } from './steady-now.js';
import { withinDeadline } from './within-deadline.js';

/** The sandbox of a live episode with the shell in it. */
interface AgentSide {
  sandbox: Sandbox;
  shell: AgentShell;
}

type Due = NonNullable<EpisodeRecord['due']>;

/** One episode on a task: the state is a record, the agent's world is a sandbox, an evaluation gives the score. */
export class Episode implements Env {
  readonly #task: Task;
  readonly #deps: EpisodeDeps;
  readonly #record: EpisodeRecord;
  readonly #leases: SandboxLeases;
  #agent: AgentSide | null = null;
  #began = false;
  #busy = false;
  /** What an action set going and no step has delivered yet: a command, an evaluation, or one after the other. */
  #work: Promise<StepOutcome> | null = null;
  #keeping: Promise<void> | null = null;
  readonly #memories: Memories;
  /** Set while the sandbox is lost and no step has told it. */
  #loss: RpcError | null = null;

  private constructor(record: EpisodeRecord, task: Task, deps: EpisodeDeps) {
    this.#record = record;
    this.#task = task;
    this.#deps = deps;
    this.#leases = new SandboxLeases(deps.sandboxes);
    this.#memories = deps.memories ?? NO_MEMORIES;
  }

  /** An episode that has not begun; `reset` begins it. */
  static create(
    episodeId: string,
    task: Task,
    params: Pick<ResetParams, 'options' | 'seed'>,
    deps: EpisodeDeps,
  ): Episode {
    const settings = episodeSettings(task, params);
    return new Episode(newRecord(episodeId, task, settings, (deps.now ?? steadyNow)()), task, deps);
  }

  /**
   * Takes up an episode of an earlier process. What ran goes on; `wait` delivers its result.
   * @throws RpcError `sandbox_unavailable` when its sandbox is gone, `task_broken` when the task is not the same any
   *   more
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
      // Told before anything is acquired for it.
      new ShellSetup(settings);
      // First, and with nothing in hand: a measurement may need the very GPUs that the episode would hold.
      const baseline = await this.#deps.baselines.of(this.#task, signal);
      const facts = { episodeId: this.episodeId, settings, source: this.#supplies(), signal };
      const sandbox = await acquireWorkspace(this.#task, this.#leases, facts);
      const { shell } = this.#hold(sandbox);
      if (settings.memory) record.memory = await ofAgent(() => giveMemory(sandbox, this.#task, this.#memories));
      await shell.setUp();
      await shell.refreshState();
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
    const record = this.#record;
    this.#busy = true;
    const startedMs = this.#now();
    try {
      const outcome = await this.#act(agent, action, options);
      if (!outcome.end && !outcome.running) await agent.shell.refreshState();
      // Before the answer: whoever resets the task then finds it.
      if (outcome.end) await this.#keepMemory();
      if (outcome.end) this.#end(outcome.end.status, outcome.end.reason, outcome.end.error);
      else if (this.#loss) this.#end('sandbox_unavailable', 'sandbox_lost');
      return stepResult(record, this.#task, outcome, this.#now() - startedMs);
    } catch (error) {
      throw this.#attribute(error);
    } finally {
      this.#busy = false;
      const delivered = this.#work ? null : record.running;
      if (delivered) record.running = null;
      if (!record.end) record.phase = this.#work ? (agent.shell.partial() ? 'running' : 'evaluating') : 'ready';
      this.#save();
      // Only now: until the record says that it was delivered, another process would ask for it again.
      if (delivered && !record.end) agent.sandbox.acknowledge(delivered.command_id);
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
    await this.#release();
  }

  #supplies(): SupplySource {
    return this.#deps.supplies ?? NOTHING_PREPARED;
  }

  #now(): number {
    return (this.#deps.now ?? steadyNow)();
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
      // What is under way finds out by itself, and may still have a score to give.
      if (!this.#busy && !this.#work && this.#record.phase !== 'resetting') {
        this.#end('sandbox_unavailable', 'sandbox_lost');
      }
    });
    return this.#agent;
  }

  async #takeUp(): Promise<void> {
    const { sandbox_id, running } = this.#record;
    try {
      if (sandbox_id === null) throw new RpcError('sandbox_unavailable', 'The episode had no sandbox yet.');
      const agent = this.#hold(await ofAgent(() => this.#leases.adopt(sandbox_id)));
      // An evaluation may have been cut off while the agent stood still.
      await ofAgent(() => agent.sandbox.thaw());
      if (!running) await agent.shell.settle();
      else {
        agent.shell.attach(running);
        void this.#begin(this.#settle(agent, agent.shell.result(), running.action));
      }
      this.#record.phase = running ? 'running' : 'ready';
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
    const mlgym_exit_status = mlgymExitStatus(status, reason, error);
    const end = { exit_status: status, exit_reason: reason, mlgym_exit_status };
    Object.assign(record, { phase: 'ended', end, due: null, running: null } satisfies Partial<EpisodeRecord>);
    this.#save();
    void this.#release();
  }

  /** Idempotent, never rejects. */
  async #release(): Promise<void> {
    await this.#keepMemory();
    await this.#leases.releaseAll();
  }

  /** Idempotent, never rejects. */
  #keepMemory(): Promise<void> {
    const { memory } = this.#record;
    const sandbox = this.#agent?.sandbox;
    if (memory === null || !sandbox) return Promise.resolve();
    this.#keeping ??= keepMemory(sandbox, this.#task, this.#memories, memory);
    return this.#keeping;
  }

  #begin(work: Promise<StepOutcome>): Promise<StepOutcome> {
    this.#work = work;
    // Delivered by the step that waits for it; until then a failure is nobody's.
    work.catch(() => {});
    return work;
  }

  async #act(agent: AgentSide, action: Action, options: StepOptions): Promise<StepOutcome> {
    const { settings, shadowed, due } = this.#record;
    const plan = classifyAction(action, { ...settings, shadowed }, this.#work !== null || due !== null);
    if (this.#work && plan.kind === 'interrupt') await agent.shell.interrupt();
    else if (this.#work && plan.kind !== 'wait') {
      throw new RpcError('episode_busy', 'A command is still running. Send `wait` for its result, or `interrupt`.');
    }
    const work = this.#work ?? this.#begin(this.#perform(agent, plan, actionKey(action), options));
    const own = plan.kind === 'wait' ? plan.timeoutMs : null;
    const unwatch = agent.shell.watch(options);
    let isLate = false;
    try {
      const deadlineMs = own === null ? options.deadlineMs : Math.min(own, options.deadlineMs ?? own);
      const outcome = await withinDeadline(work, deadlineMs);
      isLate = outcome === null;
      return outcome ? this.#deliver(outcome) : (agent.shell.partial() ?? { text: EVALUATION_RUNNING, running: true });
    } finally {
      unwatch();
      if (!isLate) this.#work = null;
    }
  }

  #deliver(outcome: StepOutcome): StepOutcome {
    if (outcome.evaluation) this.#record.due = null;
    if (outcome.evaluation?.metrics) this.#record.scores.push(outcome.evaluation.metrics);
    return outcome;
  }

  async #perform(agent: AgentSide, plan: Plan, key: string, options: StepOptions): Promise<StepOutcome> {
    const record = this.#record;
    const { due } = record;
    if (due && (due.action === key || plan.kind === 'wait')) return this.#evaluate(agent, due);
    if (plan.kind === 'wait' || plan.kind === 'interrupt') return plannedOutcome(plan);
    const score = (reason: Due['reason']) => this.#evaluate(agent, { action: key, reason, text: '' });
    record.due = null;
    record.step_count += 1;
    if (record.step_count > record.settings.max_steps) return score('max_steps');
    const leftMs = record.deadline_ms - this.#now();
    if (leftMs <= 0) return score('time_limit');
    switch (plan.kind) {
      case 'give_up':
        return score(plan.reason);
      case 'validate':
      case 'submit':
        record.last_action = '';
        return score(plan.kind);
      case 'tool':
        return this.#settle(agent, agent.shell.tool(plan.path, plan.calls), key);
      case 'shell': {
        const streams = options.deadlineMs !== undefined || options.onOutput !== undefined;
        record.phase = 'running';
        const save = () => this.#save();
        agent.shell.start(plan, key, { cutMs: leftMs, streams, save });
        return this.#settle(agent, agent.shell.result(), key);
      }
      default:
        // What is answered with nothing is a command to MLGym: a blank one, or `exit`.
        if (plan.kind === 'observe' && plan.text === '') record.last_action = '';
        return plannedOutcome(plan);
    }
  }

  /** Does what a command asked the environment for, and cuts the episode short when its time is over. */
  async #settle(agent: AgentSide, command: Promise<ShellOutcome>, key: string): Promise<StepOutcome> {
    const outcome = await command;
    const isOver = this.#now() >= this.#record.deadline_ms;
    const reason = evaluationReason(outcome, this.#record.settings.compat) ?? (isOver ? 'time_limit' : null);
    if (!reason) return outcome;
    return { ...outcome, ...(await this.#evaluate(agent, { action: key, reason, text: outcome.text })) };
  }

  async #evaluate(agent: AgentSide, due: Due): Promise<StepOutcome> {
    const record = this.#record;
    const startedMs = this.#now();
    record.phase = 'evaluating';
    record.due = due;
    this.#save();
    const leftMs = Math.max(0, record.deadline_ms - startedMs);
    const { sandbox } = agent;
    try {
      const sources = { leases: this.#leases, supplies: this.#supplies() };
      const outcome = await scoreWork({ task: this.#task, sandbox, ...sources, record, due, leftMs });
      return { ...outcome, evaluationMs: this.#now() - startedMs };
    } finally {
      // The time of the evaluator is not the agent's, whatever came of it.
      record.deadline_ms += this.#now() - startedMs;
    }
  }
}
