import { randomUUID } from 'node:crypto';
import type { Env, StepOptions } from '../../env/env.js';
import {
  type Action,
  type EpisodeState,
  type ResetParams,
  type ResetResult,
  RpcError,
  type StepResult,
} from '../../protocol/index.js';
import type { EnvCatalogue } from '../env-catalogue.js';

/** What the episodes of a session need of their server. */
export interface EpisodeHost {
  readonly catalogue: EnvCatalogue;
  readonly maxEndedEpisodes: number;
  /** Live episodes of all sessions, and how many there may be. */
  readonly capacity: { readonly used: number; readonly limit: number };
  /**
   * Takes a place for one more live episode.
   * @throws RpcError `capacity_reached` or `draining`
   */
  admit(): Promise<() => void>;
  /** Called before an episode is started, and when it is gone. */
  begun(id: string, params: ResetParams): void;
  gone(id: string): void;
  /** Called once for each episode that ended, by itself or by a close. */
  ended(state: EpisodeState): void;
  /** Called with faults that nobody else hears of. */
  fault(error: unknown): void;
}

interface LiveEpisode {
  readonly env: Env;
  readonly params: ResetParams;
  readonly abort: AbortController;
  giveBack: () => void;
  /** Set by the first to close it; whoever comes later waits for the same. */
  closing: Promise<void> | null;
  last: ResetResult | StepResult | null;
}

/** The episodes that one session owns. */
export class SessionEpisodes {
  private readonly live = new Map<string, LiveEpisode>();
  /** Last states of episodes that ended by themselves. */
  private readonly ended = new Map<string, EpisodeState>();
  private readonly closings = new Set<Promise<void>>();
  private isClosed = false;

  /** Episodes of an earlier process that are not taken up yet. */
  private readonly left: Map<string, ResetParams>;

  /** @param left episodes of an earlier process, for `restore` */
  constructor(
    private readonly host: EpisodeHost,
    left: readonly { episode_id: string; params: ResetParams }[] = [],
  ) {
    this.left = new Map(left.map(({ episode_id, params }) => [episode_id, params]));
  }

  /** Ids of the live episodes. */
  get ids(): string[] {
    return [...this.live.keys()];
  }

  get size(): number {
    return this.live.size;
  }

  /** Live episodes of the whole server, and how many there may be. */
  get capacity(): { used: number; limit: number } {
    const { used, limit } = this.host.capacity;
    return { used, limit };
  }

  /** Live episodes as they have to be known to take them up again. */
  get records(): { episode_id: string; params: ResetParams }[] {
    const live = [...this.live].map(([episode_id, { params }]) => ({ episode_id, params }));
    return [...live, ...[...this.left].map(([episode_id, params]) => ({ episode_id, params }))];
  }

  /**
   * Starts an episode. A live one of the same id is ended first.
   * @throws RpcError when the task is unknown, there is no place, or the env could not be made
   */
  async reset(params: ResetParams, signal: AbortSignal): Promise<ResetResult> {
    const id = params.episode_id ?? randomUUID();
    const env = this.host.catalogue.create(id, params);
    const previous = this.live.get(id);
    const episode: LiveEpisode = {
      env,
      params,
      abort: new AbortController(),
      giveBack: () => {},
      closing: null,
      last: null,
    };
    this.live.set(id, episode);
    this.ended.delete(id);
    try {
      this.host.begun(id, params);
      if (previous) await this.end(id, previous);
      const giveBack = await this.host.admit();
      const combined = AbortSignal.any([signal, episode.abort.signal]);
      if (combined.aborted || this.isClosed) {
        giveBack();
        throw cancelled();
      }
      episode.giveBack = giveBack;
      const result = await untilAborted(env.reset(combined), combined);
      episode.last = result;
      return result;
    } catch (error) {
      void this.end(id, episode);
      throw error;
    }
  }

  /** Takes up the episodes of an earlier process. @returns ids of those of which nothing is left */
  async restore(): Promise<string[]> {
    const lost: string[] = [];
    const restoreOne = async ([id, params]: [string, ResetParams]): Promise<void> => {
      const taken = await this.takeUp(id, params);
      this.left.delete(id);
      if (taken) {
        this.live.set(id, { ...taken, params, abort: new AbortController(), closing: null, last: null });
      } else {
        lost.push(id);
        this.host.gone(id);
      }
    };
    await Promise.all([...this.left].map(restoreOne));
    return lost;
  }

  /** @throws RpcError `unknown_episode`, `episode_over`, and what the env throws */
  async step(id: string, action: Action, options: StepOptions): Promise<StepResult> {
    const episode = this.get(id);
    let isOver = true;
    try {
      const result = await episode.env.step(action, options);
      episode.last = result;
      isOver = result.terminated || result.truncated;
      return result;
    } finally {
      if (isOver) {
        const state = episode.env.state();
        if (state.status === 'ended' || state.terminated || state.truncated) this.retire(id, episode, state);
      }
    }
  }

  /** @throws RpcError `unknown_episode` */
  state(id: string): EpisodeState {
    const state = this.live.get(id)?.env.state() ?? this.ended.get(id);
    if (!state) throw unknown(id);
    return state;
  }

  /** States of the live episodes and of those that ended and were not closed. */
  states(): EpisodeState[] {
    return [...this.ended.values(), ...[...this.live.values()].map(({ env }) => env.state())];
  }

  /** What the last reset or step of a live episode returned; null when there is none. */
  last(id: string): ResetResult | StepResult | null {
    return this.live.get(id)?.last ?? null;
  }

  has(id: string): boolean {
    return this.live.has(id);
  }

  /** @throws RpcError `unknown_episode` */
  async interrupt(id: string): Promise<boolean> {
    if (this.ended.has(id)) return false;
    return this.get(id).env.interrupt();
  }

  /** @returns whether there was something to close */
  async close(id: string): Promise<boolean> {
    const known = this.ended.delete(id);
    const episode = this.live.get(id);
    if (!episode) return known;
    await this.end(id, episode);
    return true;
  }

  /** Ends all; later resets fail. */
  async closeAll(): Promise<void> {
    this.isClosed = true;
    for (const [id, episode] of this.live) void this.end(id, episode);
    this.ended.clear();
    await Promise.all(this.closings);
  }

  private async takeUp(id: string, params: ResetParams): Promise<Pick<LiveEpisode, 'env' | 'giveBack'> | null> {
    let env: Env | null | undefined;
    try {
      env = await this.host.catalogue.restore?.(id, params);
      return env ? { env, giveBack: await this.host.admit() } : null;
    } catch (error) {
      this.host.fault(error);
      await env?.close();
      return null;
    }
  }

  private get(id: string): LiveEpisode {
    const episode = this.live.get(id);
    if (episode) return episode;
    if (this.ended.has(id)) throw new RpcError('episode_over', `Episode ${id} ended. Reset a new one.`);
    throw unknown(id);
  }

  /** The episode ended by itself: its resources go at once, its last state stays. */
  private retire(id: string, episode: LiveEpisode, state: EpisodeState): void {
    if (this.live.get(id) !== episode || episode.closing !== null) return;
    this.ended.set(id, state);
    for (const oldest of this.ended.keys()) {
      if (this.ended.size <= this.host.maxEndedEpisodes) break;
      this.ended.delete(oldest);
    }
    void this.end(id, episode);
  }

  private end(id: string, episode: LiveEpisode): Promise<void> {
    if (episode.closing !== null) return episode.closing;
    episode.abort.abort();
    const closing = episode.env
      .close()
      .catch((error: unknown) => this.host.fault(error))
      .then(() => {
        episode.giveBack();
        this.closings.delete(closing);
        this.host.ended(episode.env.state());
      });
    episode.closing = closing;
    this.closings.add(closing);
    if (this.live.get(id) === episode) {
      this.live.delete(id);
      this.host.gone(id);
    }
    return closing;
  }
}

function unknown(id: string): RpcError {
  return new RpcError('unknown_episode', `This session has no episode ${id}. Reset one first.`);
}

function cancelled(): RpcError {
  return new RpcError('cancelled', 'The request was cancelled.');
}

/** Settles with the promise, or rejects as soon as the signal fires; the promise's own rejection is then swallowed. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(cancelled());
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
