import { withinDeadline } from '../../env/episode/within-deadline.js';
import type { Action, EpisodeState, Observation, ResetParams, ResetResult, StepResult } from '../../protocol/index.js';
import { RpcError } from '../../protocol/index.js';
import type { Dispatcher } from '../dispatcher.js';
import type { ServerLimits } from '../limits.js';
import type { Session } from '../sessions/session.js';
import { OpenEnvError, UNSET_STATE } from './openenv-frames.js';
import { parseOpenEnvReset } from './openenv-reset.js';

type Outcome<T> = { result: T } | { error: unknown };

interface PendingReset {
  /** The arguments, to know an equal reset by. */
  key: string;
  abort: AbortController;
  outcome: Promise<Outcome<ResetResult>>;
}

/** What a single-episode session works with. */
export interface OpenEnvHost {
  readonly dispatcher: Dispatcher;
  readonly limits: ServerLimits;
  /**
   * The task of a reset that names none.
   * @throws OpenEnvError naming some tasks when there is no default
   */
  defaultTask(): string;
  /** Whether there is no place for another episode. */
  isFull(): boolean;
}

const WAIT_TEXT =
  'The action is still running. Use the action {"type": "wait"} to wait for it, {"type": "interrupt"} to end it.';

/**
 * A session with one episode at a time, as OpenEnv and MCP know it. Every answer comes within the soft deadline: what takes longer
 * goes on, a partial observation is returned, and the next action meets the result.
 */
export class OpenEnvSession {
  /** The episode outlives an unclean end of the connection. */
  isResumable = false;
  episodeId: string | null;
  last: ResetResult | StepResult | null = null;
  /** Set while one connection has the session to itself. */
  isAttached = false;
  /** Asked to end as soon as its connection does. */
  isClosing = false;
  private softDeadlineMs: number;
  private pendingStep: Promise<Outcome<StepResult>> | null = null;
  private pendingReset: PendingReset | null = null;
  private readonly ended = new AbortController();

  constructor(
    readonly session: Session,
    private readonly host: OpenEnvHost,
    /** Task that the address named; it wins over the arguments of reset. */
    private readonly pinnedTask: string | null = null,
  ) {
    this.softDeadlineMs = host.limits.softDeadlineMs;
    this.episodeId = session.episodes.ids[0] ?? null;
  }

  /** Whether there is an episode that can be stepped. */
  get isLive(): boolean {
    return this.episodeId !== null && this.session.episodes.has(this.episodeId);
  }

  /**
   * Starts an episode; the earlier one ends.
   * @throws OpenEnvError or RpcError; one that is still being made when the deadline comes is waited for by an equal reset
   */
  async reset(kwargs: Record<string, unknown>): Promise<ResetResult> {
    const reset = parseOpenEnvReset(kwargs);
    this.softDeadlineMs = reset.softDeadlineMs ?? this.host.limits.softDeadlineMs;
    this.isResumable = reset.isResumable;
    const key = JSON.stringify(kwargs);
    if (this.pendingReset?.key !== key) {
      const task = this.pinnedTask ?? reset.task ?? this.host.defaultTask();
      this.pendingReset?.abort.abort();
      this.pendingReset = this.beginReset(key, { ...reset.params, task });
    }
    const pending = this.pendingReset;
    const outcome = await this.answerOf(pending.outcome);
    if (!outcome) {
      throw new OpenEnvError(
        'EXECUTION_ERROR',
        'The sandbox is still being made. Reset again, with the same arguments, to go on waiting.',
        {
          error: 'deadline_exceeded',
          retryable: true,
        },
      );
    }
    if (this.pendingReset === pending) this.pendingReset = null;
    if ('error' in outcome) throw outcome.error;
    this.episodeId = outcome.result.episode_id;
    this.last = outcome.result;
    return outcome.result;
  }

  /** @throws RpcError as the dispatcher */
  async step(action: Action): Promise<StepResult> {
    if (this.pendingReset)
      throw new RpcError(
        'reset_needed',
        'The reset is not done. Reset again, with the same arguments, to wait for it.',
      );
    if (this.episodeId === null) throw new RpcError('reset_needed', 'A step came before the reset. Reset first.');
    const type = typeof action === 'string' ? 'command' : action.type;
    if (this.pendingStep && type === 'interrupt') await this.session.episodes.interrupt(this.episodeId);
    else if (this.pendingStep && type !== 'wait') return this.partial();
    this.pendingStep ??= this.begin((signal) =>
      this.host.dispatcher.call(
        'step',
        { episode_id: this.episodeId, action, deadline_ms: this.softDeadlineMs },
        { session: this.session, signal },
      ),
    );
    return this.settleStep();
  }

  /** What the connection that broke would have been told: the result of the running step, else of the last one. */
  async resume(): Promise<ResetResult | StepResult> {
    if (this.pendingStep) return this.settleStep();
    if (this.last) return this.last;
    return this.step({ type: 'wait' });
  }

  /** @throws RpcError as the dispatcher */
  async state(): Promise<EpisodeState | typeof UNSET_STATE> {
    if (this.episodeId === null) return UNSET_STATE;
    return this.host.dispatcher.call(
      'state',
      { episode_id: this.episodeId },
      { session: this.session, signal: this.ended.signal },
    );
  }

  /** Aborts what runs; the session itself is closed by its owner. */
  abort(): void {
    this.pendingReset?.abort.abort();
    this.ended.abort();
  }

  private beginReset(key: string, params: ResetParams): PendingReset {
    const abort = new AbortController();
    const earlier = this.episodeId;
    const outcome = this.begin(async (signal) => {
      if (earlier !== null && earlier !== params.episode_id) {
        const closing = this.session.episodes.close(earlier);
        if (this.host.isFull()) await closing;
      }
      const context = { session: this.session, signal: AbortSignal.any([signal, abort.signal]) };
      return this.host.dispatcher.call('reset', params, context);
    });
    // A command of the earlier episode ends with it; its result is nobody's.
    this.pendingStep = null;
    return { key, abort, outcome };
  }

  private async settleStep(): Promise<StepResult> {
    const pending = this.pendingStep!;
    const outcome = await this.answerOf(pending);
    if (!outcome) return this.partial();
    if (this.pendingStep === pending) this.pendingStep = null;
    if ('result' in outcome) {
      this.last = outcome.result;
      return outcome.result;
    }
    const { error } = outcome;
    // An agent that does not wait makes a mistake, which is an observation: clients of this profile end the episode at an error.
    if (error instanceof RpcError && error.code === 'episode_busy' && this.last?.observation.running)
      return this.partial();
    throw error;
  }

  /** Runs something that the session counts as under way; never rejects. */
  private async begin<T>(run: (signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
    const release = this.session.hold();
    try {
      return { result: await run(this.ended.signal) };
    } catch (error) {
      return { error };
    } finally {
      release();
    }
  }

  /** @returns null when the deadline passed; a little later than what the env was told, so that its own answer comes first */
  private answerOf<T>(promise: Promise<T>): Promise<T | null> {
    return withinDeadline(promise, this.softDeadlineMs + this.host.limits.softDeadlineSlackMs);
  }

  /** @throws RpcError `episode_busy` when there is no earlier observation to fill it with: the episode was taken up again */
  private partial(): StepResult {
    const { last } = this;
    if (!last) throw new RpcError('episode_busy', WAIT_TEXT);
    const observation: Observation = {
      ...last.observation,
      text: WAIT_TEXT,
      exit_code: null,
      running: true,
      omitted_bytes: 0,
    };
    const info = { ...last.info, score: null, metrics: null, valid: null, evaluation_ms: null };
    return { episode_id: last.episode_id, observation, reward: null, terminated: false, truncated: false, info };
  }
}
