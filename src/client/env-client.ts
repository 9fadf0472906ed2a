import type {
  Capacity,
  Codec,
  EpisodeOptions,
  EpisodeState,
  Params,
  ResetResult,
  TaskDetail,
  TaskSummary,
} from '../protocol/index.js';
import { compact } from './compact.js';
import { Connection, type ConnectionOptions } from './connection.js';
import type { Dial } from './dial.js';
import { Episode } from './episode.js';
import { randomId } from './random-id.js';
import { socketUrl } from './server-url.js';
import { socketDial } from './ws-channel.js';

const CLOSE_TIMEOUT_MS = 5_000;

export interface EnvClientOptions extends ConnectionOptions {
  /** Bearer token of the server. */
  token?: string;
  /** What frames look like; both carry the same messages. Default msgpack. */
  encoding?: Codec['encoding'];
}

/** What a reset may say beside the task. */
export interface ResetOptions {
  /** Equal seeds of one task give equal episodes. */
  seed?: number;
  options?: EpisodeOptions;
  /** Chosen by the caller; a live episode of this id is ended first. Unset: a random id. */
  episodeId?: string;
  signal?: AbortSignal;
}

/** A client of one server: many episodes over one connection that is made again when it breaks. */
export class EnvClient implements AsyncDisposable {
  readonly #episodes = new Map<string, Episode>();
  #closing: Promise<void> | null = null;

  private constructor(readonly connection: Connection) {}

  /**
   * @param address of the server: `ws://host:port`, also `wss`, `http`, `https`
   * @throws RpcError `unauthorized`, `forbidden_origin`, `capacity_reached`...; ClientError `connection_failed`, `aborted`;
   * TypeError when the address is none
   */
  static async connect(address: string | URL, options: EnvClientOptions = {}): Promise<EnvClient> {
    return EnvClient.over(socketDial(socketUrl(address), options), options);
  }

  /** Connects over channels of the caller's making, such as one end of an in-memory pair. */
  static async over(dial: Dial, options: ConnectionOptions = {}): Promise<EnvClient> {
    return new EnvClient(await Connection.open(dial, options));
  }

  /**
   * Starts an episode.
   * @param task env id; without a version the highest
   * @throws RpcError `unknown_task`, `invalid_params`, `capacity_reached`, `sandbox_unavailable`, `resources_unavailable`...
   */
  async reset(task: string, options: ResetOptions = {}): Promise<Episode> {
    // The id is chosen here, so that a reset that is sent again cannot start a second episode.
    const id = options.episodeId ?? randomId();
    const { seed, signal } = options;
    const chosen = options.options && compact(options.options);
    const params: Params<'reset'> = compact({ task, episode_id: id, seed, options: chosen });
    const onSettled = (result: unknown) => {
      // The reset was quicker than the cancel: nobody would ever close its episode.
      if (signal?.aborted && result) void this.#adopt((result as ResetResult).episode_id, null).close();
    };
    const result = await this.connection.request('reset', params, { signal, onSettled });
    return this.#adopt(result.episode_id, result);
  }

  /** A handle on a live episode of this session, for a process that takes up the session of an earlier one. */
  episode(id: string): Episode {
    return this.#episodes.get(id) ?? this.#adopt(id, null);
  }

  async listTasks(namespace?: string, signal?: AbortSignal): Promise<TaskSummary[]> {
    return (await this.connection.request('list_tasks', compact({ namespace }), { signal })).tasks;
  }

  /** @throws RpcError `unknown_task` */
  describeTask(task: string, signal?: AbortSignal): Promise<TaskDetail> {
    return this.connection.request('describe_task', { task }, { signal });
  }

  /** What the server can hold, and what of it is taken. @throws RpcError `unknown_method` where the server is older than that */
  capacity(signal?: AbortSignal): Promise<Capacity> {
    return this.connection.request('capacity', {}, { signal });
  }

  /** Live episodes of this session, and the last states of those that ended and were not closed. */
  async listEpisodes(signal?: AbortSignal): Promise<EpisodeState[]> {
    return (await this.connection.request('list_episodes', {}, { signal })).episodes;
  }

  /** Ends every episode that this client started, then the connection. Idempotent, never rejects. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Leaves the server without ending the episodes: the session can be taken up with its token until its grace is over. */
  detach(): void {
    this.connection.close(true);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const episodes = [...this.#episodes.values()];
    // When the server does not answer, the end of the session ends its episodes later.
    const limit = setTimeout(() => this.connection.close(), CLOSE_TIMEOUT_MS);
    await Promise.all(episodes.map((episode) => episode.close()));
    clearTimeout(limit);
    this.connection.close();
  }

  #adopt(id: string, reset: ResetResult | null): Episode {
    const onClosed = () => {
      if (this.#episodes.get(id) === episode) this.#episodes.delete(id);
    };
    const episode: Episode = new Episode(this.connection, id, onClosed, reset);
    this.#episodes.set(id, episode);
    return episode;
  }
}
