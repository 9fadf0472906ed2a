import type { RetryClock } from '../../agent/models/retry-policy.js';
import { type ConnectionState, type EnvClient, RpcError } from '../../client/index.js';
import { Outage } from './outage.js';
import type { GymServer } from './sampler-options.js';
import type { ServerProgress } from './sampler-snapshot.js';
import { type Place, ServerRoom } from './server-room.js';

/** How soon a server that refused, or has resets waiting, is asked again; it doubles. */
const FIRST_LOOK_MS = 2000;
const MOST_LOOK_MS = 30_000;
const FIRST_DIAL_MS = 500;
const MOST_DIAL_MS = 30_000;

/** What a governor needs of the run. */
export interface GovernorHost {
  clock: RetryClock;
  /** There may be room now. */
  onRoom(): void;
  onNotice(text: string): void;
  /** A session is held, until `onReleased`. */
  onSession(url: string, token: string): void;
  onReleased(url: string, token: string): void;
  /** Fires when the run is over. */
  signal: AbortSignal;
}

/** One server of a run: connected as long as it can be, with as many episodes as it holds. */
export class ServerGovernor {
  readonly room = new ServerRoom();
  readonly outage: Outage;
  #client: EnvClient | null = null;
  #state: ServerProgress['state'] = 'lost';
  /** Since when it is out of reach; null: it is not. */
  #awaySinceMs: number | null;
  #why = '';
  #pausedUntilMs = 0;
  #looking: AbortController | null = null;
  #lookMs = FIRST_LOOK_MS;
  #isOld = false;

  constructor(
    readonly server: GymServer,
    private readonly host: GovernorHost,
  ) {
    this.outage = new Outage(() => host.clock.now());
    this.#awaySinceMs = host.clock.now();
  }

  get name(): string {
    return this.server.url ?? 'here';
  }

  get isConnected(): boolean {
    return this.#state === 'open';
  }

  /** @throws Error while there is none */
  get client(): EnvClient {
    if (this.#client === null) throw new Error(`${this.name} is not connected`);
    return this.#client;
  }

  /** Milliseconds that it has been out of reach, or failed whatever was played there. */
  get awayMs(): number {
    const away = this.#awaySinceMs === null ? 0 : this.host.clock.now() - this.#awaySinceMs;
    return Math.max(away, this.outage.lastsMs);
  }

  get why(): string {
    return this.#awaySinceMs === null ? this.outage.message : this.#why;
  }

  /**
   * Connects, and again whenever the connection is lost for good, until the signal of the host fires.
   * @throws RpcError when the first answer of the server is a refusal that stays, such as of the token
   */
  async run(): Promise<void> {
    const { signal, clock } = this.host;
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        const closed = await this.#connect();
        failures = -1;
        await closed;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof RpcError && !error.retryable) throw error;
        this.#why = (error as Error).message;
      }
      if (signal.aborted) return;
      this.#away('lost');
      const waitMs = Math.min(MOST_DIAL_MS, FIRST_DIAL_MS * 2 ** Math.min(failures + 1, 16));
      await clock.sleep(waitMs * (0.5 + clock.random() / 2), signal).catch(() => {});
    }
  }

  hasRoom(gpus: number): boolean {
    if (this.#state !== 'open' || this.host.clock.now() < this.#pausedUntilMs) return false;
    // While everything fails there, one at a time finds out whether it still does.
    if (this.outage.isGeneral && this.room.ours > 0) return false;
    return this.room.hasRoom(gpus);
  }

  begin(gpus: number): Place {
    const place = this.room.take(gpus);
    if (gpus > 0) this.#look();
    return place;
  }

  /** The server took no episode more. Called after its place was given back. */
  refused(): void {
    this.room.refused();
    this.#look();
  }

  /** Something was played there to its end. */
  worked(): void {
    this.outage.worked();
    this.#pausedUntilMs = 0;
  }

  /** Nothing is begun there for a while. */
  pause(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.host.clock.now() + ms);
    this.host.clock.sleep(ms, this.host.signal).then(
      () => this.host.onRoom(),
      () => {},
    );
  }

  progress(): ServerProgress {
    return {
      url: this.name,
      underWay: this.room.ours,
      capacity: this.room.most,
      gpusHeld: this.room.heldGpus,
      state: this.#state,
    };
  }

  /** Ends what is left of the session. Idempotent, never rejects. */
  async close(): Promise<void> {
    this.#looking?.abort();
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    await client.close();
    this.#released(client.connection.sessionToken);
  }

  /** Takes up a session of an earlier process, only to end its episodes. Never rejects. */
  async endSession(token: string): Promise<void> {
    const { signal } = this.host;
    try {
      const client = await this.server.connect({ sessionToken: token, signal, onState: () => {} });
      try {
        const left = await client.listEpisodes(signal);
        await Promise.all(left.map(({ episode_id }) => client.episode(episode_id).close()));
      } finally {
        await client.close();
      }
      this.#released(token);
      if (this.#client !== null) await this.#ask(this.#client);
      this.host.onRoom();
    } catch (error) {
      this.host.onNotice(
        `${this.name}: what an earlier process left there ends by itself: ${(error as Error).message}`,
      );
    }
  }

  /** @returns once connected; the promise in it resolves when the connection is lost for good */
  async #connect(): Promise<Promise<void>> {
    let lost!: () => void;
    const closed = new Promise<void>((resolve) => {
      lost = resolve;
    });
    this.host.signal.addEventListener('abort', lost, { once: true });
    const onState = (state: ConnectionState, cause?: Error): void => {
      if (cause) this.#why = cause.message;
      if (state === 'closed') lost();
      else if (state !== 'open') this.#away(state);
      // While it connects there is no client yet.
      else if (this.#client !== null) this.#back();
    };
    const client = await this.server.connect({ signal: this.host.signal, onState });
    this.#client = client;
    if (this.server.url !== null) this.host.onSession(this.server.url, client.connection.sessionToken);
    this.room.forget();
    this.#isOld = false;
    await this.#ask(client);
    this.#back();
    this.#look();
    return closed.then(() => {
      this.host.signal.removeEventListener('abort', lost);
      if (this.#client !== client) return;
      this.#client = null;
      this.#released(client.connection.sessionToken);
    });
  }

  #back(): void {
    const wasAway = this.#state === 'reconnecting' || this.#state === 'draining';
    this.#state = 'open';
    this.#awaySinceMs = null;
    if (wasAway) this.host.onNotice(`${this.name} is there again.`);
    this.host.onRoom();
  }

  #away(state: 'reconnecting' | 'draining' | 'lost'): void {
    if (this.#state === 'open')
      this.host.onNotice(`${this.name} is ${WORDS[state]}: ${this.#why || 'no reason given'}`);
    this.#state = state;
    this.#awaySinceMs ??= this.host.clock.now();
  }

  #released(token: string): void {
    if (this.server.url !== null) this.host.onReleased(this.server.url, token);
  }

  /** Asks the server again before long, as long as something is refused there or waits. */
  #look(): void {
    if (this.#looking || !this.room.isTight) return;
    const looking = new AbortController();
    this.#looking = looking;
    const signal = AbortSignal.any([this.host.signal, looking.signal]);
    this.host.clock.sleep(this.#lookMs, signal).then(
      () => this.#lookNow(),
      () => {},
    );
  }

  async #lookNow(): Promise<void> {
    this.#looking = null;
    this.#lookMs = Math.min(MOST_LOOK_MS, this.#lookMs * 2);
    if (this.#client !== null && this.#state !== 'reconnecting') await this.#ask(this.#client);
    if (this.#isOld) this.room.allowOneMore();
    if (!this.room.isTight) this.#lookMs = FIRST_LOOK_MS;
    this.host.onRoom();
    this.#look();
  }

  async #ask(client: EnvClient): Promise<void> {
    if (this.#isOld) return;
    try {
      this.room.told(await client.capacity(this.host.signal));
    } catch (error) {
      // Servers before this method.
      if (error instanceof RpcError && error.code === 'unknown_method') this.#isOld = true;
    }
  }
}

const WORDS = {
  reconnecting: 'out of reach; the connection is made again',
  draining: 'going down and takes no new episodes',
  lost: 'lost; it is waited for',
} as const;
