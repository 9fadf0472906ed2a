import type { Action, ResetResult, StepResult } from '../protocol/index.js';
import { RpcError } from '../protocol/index.js';
import { EnvClient, type EnvClientOptions, type ResetOptions } from './env-client.js';
import type { Episode, StepOptions } from './episode.js';
import { ClientError } from './errors.js';
import { mapLimited } from './map-limited.js';

/** What one env of a pool plays. */
export interface EpisodeSpec extends Pick<ResetOptions, 'seed' | 'options'> {
  task: string;
}

export interface EnvPoolOptions extends EnvClientOptions {
  /** Connections to each server; envs are dealt to all of them in turn. Default 1. */
  connections?: number;
  /** Requests under way at once, over the whole pool. Default: as many as there are envs. */
  concurrency?: number;
  /**
   * Starts a new episode as soon as one ended, within the same `step`: `true` repeats what the env played, a function chooses;
   * `null` leaves the env empty.
   */
  autoReset?: boolean | ((index: number, played: EpisodeSpec) => EpisodeSpec | null);
}

/** What came of one env in a batch. A failure is a value: it concerns no other env. */
export type PoolOutcome<T> = {
  /** Place of the env in the pool. */
  index: number;
  /** Envs of one group play equal episodes: same task, same seed. */
  group: number;
  /** With `autoReset`: the first observation of the episode that took the place of the one that ended. */
  next?: ResetResult;
} & ({ ok: true; value: T } | { ok: false; error: Error });

/** How a batch is stepped. */
export interface PoolStepOptions extends Pick<StepOptions, 'signal' | 'deadlineMs'> {
  onOutput?: (index: number, chunk: Uint8Array, offset: number) => void | Promise<void>;
}

interface Env {
  index: number;
  group: number;
  spec: EpisodeSpec;
  episode: Episode | null;
  /** Why there is no episode. */
  fault: Error | null;
}

/** After these the episode is no more; after any other error it goes on. */
const GONE: ReadonlySet<string> = new Set([
  'sandbox_unavailable',
  'unknown_episode',
  'episode_over',
  'session_lost',
  'connection_lost',
  'closed',
]);

/** Many envs stepped as one batch, in the manner of Gymnasium's vector environments. Results come in the order of the envs. */
export class EnvPool implements AsyncDisposable {
  #envs: Env[] = [];

  private constructor(
    readonly clients: readonly EnvClient[],
    private readonly options: EnvPoolOptions,
  ) {}

  /**
   * @param addresses one server or several, as for `EnvClient.connect`
   * @throws what `EnvClient.connect` throws when any of them cannot be reached; none stays connected then
   */
  static async connect(
    addresses: string | URL | readonly (string | URL)[],
    options: EnvPoolOptions = {},
  ): Promise<EnvPool> {
    const targets = [addresses].flat().flatMap((url) => Array.from({ length: options.connections ?? 1 }, () => url));
    const attempts = await Promise.allSettled(targets.map((url) => EnvClient.connect(url as string | URL, options)));
    const clients = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    const failure = attempts.find((attempt) => attempt.status === 'rejected');
    if (!failure) return EnvPool.over(clients, options);
    await Promise.all(clients.map((client) => client.close()));
    throw failure.reason;
  }

  /** A pool over clients that exist; it closes them when it is closed. */
  static over(clients: readonly EnvClient[], options: EnvPoolOptions = {}): EnvPool {
    return new EnvPool(clients, options);
  }

  /** Number of envs since the last reset. */
  get size(): number {
    return this.#envs.length;
  }

  /** The episode of every env, `null` where there is none. */
  get episodes(): (Episode | null)[] {
    return this.#envs.map((env) => env.episode);
  }

  /**
   * Ends what was played and starts new episodes.
   * @param tasks env ids or specs; each is a group
   * @param n envs in each group. They are equal: where the spec gives no seed one is drawn for the group
   */
  async reset(
    tasks: string | EpisodeSpec | readonly (string | EpisodeSpec)[],
    n = 1,
    signal?: AbortSignal,
  ): Promise<PoolOutcome<ResetResult>[]> {
    await this.#endAll();
    const specs = [tasks].flat().map((task) => (typeof task === 'string' ? { task } : task)) as EpisodeSpec[];
    this.#envs = specs.flatMap((given, group) => {
      const spec = n > 1 && given.seed === undefined ? { ...given, seed: drawSeed() } : given;
      return Array.from({ length: n }, (_, k) => ({ index: group * n + k, group, spec, episode: null, fault: null }));
    });
    return this.#each(this.#envs, signal, async (env, own) => {
      const reset = await this.#start(env, own);
      return reset ? { ...place(env), ok: true, value: reset } : { ...place(env), ok: false, error: env.fault! };
    });
  }

  /**
   * Steps every env once.
   * @param actions one for each env; `null` leaves the env alone and gives `null` in its place
   * @throws RangeError when the number of actions is not that of the envs
   */
  async step(
    actions: readonly (Action | null)[],
    options: PoolStepOptions = {},
  ): Promise<(PoolOutcome<StepResult> | null)[]> {
    if (actions.length !== this.size) {
      throw new RangeError(`${actions.length} actions were given for ${this.size} envs.`);
    }
    return this.#each(this.#envs, options.signal, async (env, own) => {
      const action = actions[env.index];
      if (action === null || action === undefined) return null;
      const outcome = await act(env, action, { ...options, signal: own });
      if (!this.options.autoReset || !isGone(outcome)) return outcome;
      const next = await this.#replace(env, own);
      return next ? { ...outcome, next } : outcome;
    });
  }

  /** Ends every episode and every connection. Idempotent, never rejects. */
  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()));
    this.#envs = [];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #replace(env: Env, signal?: AbortSignal): Promise<ResetResult | null> {
    const { autoReset } = this.options;
    await env.episode?.close();
    env.episode = null;
    const spec = typeof autoReset === 'function' ? autoReset(env.index, env.spec) : env.spec;
    if (spec) {
      env.spec = spec;
      return this.#start(env, signal);
    }
    env.fault = new ClientError('closed', 'The env is empty: its episode ended and no other was chosen.');
    return null;
  }

  async #start(env: Env, signal?: AbortSignal): Promise<ResetResult | null> {
    const clients = this.clients.filter((client) => !client.connection.isClosed);
    const client = clients[env.index % clients.length];
    try {
      if (!client) throw new ClientError('connection_lost', 'No connection of the pool is left.');
      const { task, seed, options } = env.spec;
      env.episode = await client.reset(task, { seed, options, signal });
      env.fault = null;
      return env.episode.reset;
    } catch (error) {
      env.episode = null;
      env.fault = error as Error;
      return null;
    }
  }

  async #endAll(): Promise<void> {
    await this.#each(this.#envs, undefined, async (env) => env.episode?.close());
    this.#envs = [];
  }

  /** Visits envs, each with a signal of its own that fires with the given one: Node warns of many listeners on one signal. */
  async #each<R>(
    envs: Env[],
    signal: AbortSignal | undefined,
    visit: (env: Env, signal: AbortSignal | undefined) => Promise<R>,
  ): Promise<R[]> {
    const limit = this.options.concurrency ?? Math.max(1, envs.length);
    if (signal === undefined) return mapLimited(envs, limit, (env) => visit(env, undefined));
    const own = envs.map(() => new AbortController());
    const abort = (): void => {
      for (const controller of own) controller.abort(signal.reason);
    };
    signal.addEventListener('abort', abort);
    if (signal.aborted) abort();
    try {
      return await mapLimited(envs, limit, (env, index) => visit(env, own[index]?.signal));
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }
}

async function act(env: Env, action: Action, options: PoolStepOptions): Promise<PoolOutcome<StepResult>> {
  try {
    if (!env.episode) throw env.fault;
    const { signal, deadlineMs, onOutput } = options;
    const value = await env.episode.step(action, {
      signal,
      deadlineMs,
      onOutput: onOutput && ((chunk, offset) => onOutput(env.index, chunk, offset)),
    });
    return { ...place(env), ok: true, value };
  } catch (error) {
    return { ...place(env), ok: false, error: error as Error };
  }
}

function isGone(outcome: PoolOutcome<StepResult>): boolean {
  if (outcome.ok) return outcome.value.terminated || outcome.value.truncated;
  const { error } = outcome;
  return (error instanceof RpcError || error instanceof ClientError) && GONE.has(error.code);
}

function place(env: Env): { index: number; group: number } {
  return { index: env.index, group: env.group };
}

function drawSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! >>> 1;
}
