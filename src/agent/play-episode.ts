import { ClientError, type EnvClient, type Episode } from '../client/index.js';
import { type EpisodeOptions, RpcError, type TaskDetail } from '../protocol/index.js';
import { Agent, type AgentParts } from './agent.js';
import type { AgentLimits } from './agent-limits.js';
import type { AgentListener } from './agent-listener.js';
import type { AgentRun, StopReason } from './agent-run.js';
import { combineListeners } from './combine-listeners.js';
import type { AgentConfig } from './config/agent-config.js';
import { createDialect } from './dialects/create-dialect.js';
import { LimitReached } from './exit-turn.js';
import { createHistoryProcessor } from './history/create-history-processor.js';
import { CostMeter, type TotalCost } from './models/cost-meter.js';
import type { Model } from './models/model.js';
import { demonstrationItems } from './prompts/demonstration-items.js';
import { PromptRenderer } from './prompts/prompt-renderer.js';
import { resetOptions } from './reset-options.js';

/** Who plays, and how. */
export interface PlayOptions {
  config: AgentConfig;
  model: Model;
  /** Name in the history's items. Default `primary_0`. */
  name?: string;
  seed?: number;
  /** Of the reset, over those that the configuration asks for. */
  options?: EpisodeOptions;
  limits?: Partial<AgentLimits>;
  /** What the episodes of one experiment spend together. */
  total?: TotalCost;
  listeners?: readonly AgentListener[];
  /**
   * Fires when the agent is to come to an end: a running command is interrupted, the model is asked no more, and what there is is
   * scored (`exit_error`).
   */
  finish?: AbortSignal;
  /** Fires when everything is to be dropped: nothing more is scored, and nobody waits for the end of the episode. */
  signal?: AbortSignal;
}

/** Node's timers take no longer wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
/** A command may begin just after it was to be interrupted. */
const INTERRUPT_AGAIN_MS = 1_000;

/**
 * Plays one episode with a model: resets the task and plays rounds until the environment, a limit or a signal ends it. A run that began
 * is always returned: what the model or its endpoint did wrong ends in a submission, what the environment did wrong is
 * `infrastructure`.
 * @throws RpcError, ClientError when the episode could not begin; PromptError when the configuration does not fit the task
 */
export async function playEpisode(client: EnvClient, task: string, play: PlayOptions): Promise<AgentRun> {
  const { config, model, seed, signal, limits = {}, name = 'primary_0' } = play;
  const detail = await client.describeTask(task, signal);
  const prompts = new PromptRenderer(config, detail.template);
  const system = { role: 'system' as const, content: prompts.system(), agent: name };
  const parts: AgentParts = {
    name,
    config,
    model,
    prompts,
    dialect: createDialect(config, prompts),
    view: createHistoryProcessor(config.history),
    meter: new CostMeter(limits, play.total),
    contextTokens: limits.contextTokens || null,
    listener: combineListeners(play.listeners ?? []),
  };
  const opening = [system, ...demonstrationItems(config, name)];
  const options = resetOptions(config, play.options);
  const episode = await client.reset(detail.task, { seed, options, signal });
  try {
    const { observation } = episode.reset!;
    // Templates that cannot be filled in are the configuration's fault, not the agent's: nothing is played.
    prompts.first({ ...observation, currentStep: 0, remainingSteps: observation.remaining_steps });
    const agent = new Agent(parts, episode, opening, observation);
    return await new Playing(detail, options, episode, agent, parts).toEnd(play);
  } finally {
    const closing = episode.close();
    if (!signal?.aborted) await closing;
  }
}

/** An episode on its way: rounds, and whoever may end them. */
class Playing {
  readonly #startedAtMs = Date.now();
  readonly #giveUp = new AbortController();
  #interrupting: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly task: TaskDetail,
    private readonly options: EpisodeOptions,
    private readonly episode: Episode,
    private readonly agent: Agent,
    private readonly parts: AgentParts,
  ) {}

  async toEnd({ finish, signal, limits }: PlayOptions): Promise<AgentRun> {
    const { listener } = this.parts;
    const drop = signal ?? new AbortController().signal;
    const timeMs = limits?.timeMs ?? 0;
    const timer = timeMs > 0 ? setTimeout(() => this.#end('time'), Math.min(timeMs, LONGEST_TIMER_MS)) : undefined;
    const onFinish = () => this.#end('aborted');
    finish?.addEventListener('abort', onFinish);
    if (finish?.aborted) onFinish();
    try {
      listener.onStart?.(this.#run('running', null));
      for (let isOver = false; !isOver; ) {
        isOver = await this.agent.round(this.#giveUp.signal, drop);
        listener.onStep?.(this.agent.steps.at(-1)!, this.#run('running', null));
      }
      return await this.#told(this.#outcome());
    } catch (error) {
      if (drop.aborted) return await this.#told({ stop: 'aborted', failure: null });
      if (!(error instanceof RpcError || error instanceof ClientError)) throw error;
      return await this.#told({ stop: 'infrastructure', failure: `${error.code}: ${error.message}` });
    } finally {
      clearTimeout(timer);
      clearInterval(this.#interrupting);
      finish?.removeEventListener('abort', onFinish);
    }
  }

  #end(why: 'time' | 'aborted'): void {
    this.#giveUp.abort(new LimitReached(why));
    // When it does not arrive the step itself will tell.
    const interrupt = () => this.episode.interrupt().catch(() => undefined);
    this.#interrupting ??= setInterval(interrupt, INTERRUPT_AGAIN_MS);
    void interrupt();
  }

  #outcome(): { stop: StopReason; failure: string | null } {
    const { stop, failure, steps } = this.agent;
    const { info, observation } = steps.at(-1)!.result;
    const isLost = info.exit_status === 'sandbox_unavailable' || info.exit_status === 'closed';
    if (isLost) return { stop: 'infrastructure', failure: `${info.exit_status}: ${observation.text}` };
    return { stop: stop ?? 'ended', failure };
  }

  async #told({ stop, failure }: { stop: StopReason; failure: string | null }): Promise<AgentRun> {
    const run = this.#run(stop, failure);
    await this.parts.listener.onEnd?.(run);
    return run;
  }

  #run(stop: StopReason, failure: string | null): AgentRun {
    const { steps, history } = this.agent;
    const { info } = this.episode.reset!;
    const last = steps.at(-1)?.result.info;
    return {
      task: this.task,
      episodeId: this.episode.id,
      seed: info.seed,
      options: this.options,
      agent: this.parts.name,
      steps: [...steps],
      history: [...history],
      stats: this.parts.meter.stats,
      scores: steps.flatMap(({ result }) => result.info.metrics_json ?? []),
      baselineScores: info.baseline_scores,
      exitStatus: last?.mlgym_exit_status ?? '',
      submission: last?.submission ?? null,
      stop,
      failure,
      startedAtMs: this.#startedAtMs,
      endedAtMs: Date.now(),
    };
  }
}
