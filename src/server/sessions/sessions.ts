import type { Logger } from 'pino';
import { type EpisodeState, RpcError } from '../../protocol/index.js';
import type { EnvCatalogue } from '../env-catalogue.js';
import type { ServerLimits } from '../limits.js';
import { Capacity } from './capacity.js';
import { Session, type SessionProfile, type SessionSink, sessionIdOf } from './session.js';
import type { SessionRecord, SessionStore } from './session-store.js';

/** How long a session has to be without a connection before its places may go to others. */
const RECLAIM_AFTER_MS = 15_000;
/** What a program may read of the error of a request that a restart cut short. */
const RESTARTED = { restarted: true };

export interface SessionsOptions {
  catalogue: EnvCatalogue;
  limits: ServerLimits;
  log: Logger;
  store?: SessionStore;
  /** Told of each episode that ended. */
  onEpisodeEnded?: (state: EpisodeState) => void;
}

/** All sessions of a server. */
export class Sessions {
  readonly episodeCapacity: Capacity;
  private readonly byId = new Map<string, Session>();
  private readonly timers = new Map<Session, NodeJS.Timeout>();
  private readonly closings = new Set<Promise<void>>();
  private isDraining = false;

  constructor(private readonly options: SessionsOptions) {
    this.episodeCapacity = new Capacity(options.limits.maxEpisodes, 'live episodes');
  }

  get size(): number {
    return this.byId.size;
  }

  get draining(): boolean {
    return this.isDraining;
  }

  get attached(): number {
    return [...this.byId.values()].filter(({ state }) => state === 'attached').length;
  }

  [Symbol.iterator](): IterableIterator<Session> {
    return this.byId.values();
  }

  /**
   * Makes a session; it lives for the grace time until a connection is attached.
   * @throws RpcError `capacity_reached` or `draining`
   */
  open(profile: SessionProfile): Session {
    this.refuseWhileDraining();
    const { maxSessions } = this.options.limits;
    if (this.byId.size >= maxSessions && !this.reclaim('session')) {
      const used = this.byId.size;
      throw new RpcError('capacity_reached', `The server holds ${used} sessions, as many as it may. Try later.`, {
        used,
        limit: maxSessions,
      });
    }
    const session = this.build(profile);
    this.byId.set(session.id, session);
    this.expire(session, this.options.limits.sessionGraceMs);
    return session;
  }

  /** @returns the session of a token, attached or not; null when it ended or never was */
  find(token: string): Session | null {
    return this.byId.get(sessionIdOf(token)) ?? null;
  }

  attach(session: Session, sink: SessionSink): void {
    clearTimeout(this.timers.get(session));
    this.timers.delete(session);
    session.attach(sink);
  }

  /** The connection is gone; the session ends after the grace time unless another comes. */
  detach(session: Session, sink: SessionSink, graceMs = this.options.limits.sessionGraceMs): void {
    if (session.detach(sink)) this.expire(session, graceMs);
  }

  /** (Re)starts the time after which a session without a connection ends. */
  expire(session: Session, graceMs: number): void {
    clearTimeout(this.timers.get(session));
    if (session.state === 'attached') return;
    const timer = setTimeout(() => {
      this.options.log.info({ session: session.id.slice(0, 12) }, 'session expired');
      void this.close(session);
    }, graceMs);
    timer.unref();
    this.timers.set(session, timer);
  }

  /** Ends a session and its episodes. Idempotent, never rejects. */
  close(session: Session): Promise<void> {
    clearTimeout(this.timers.get(session));
    this.timers.delete(session);
    this.byId.delete(session.id);
    const closing = session
      .close()
      .catch((error: unknown) => this.options.log.error({ err: error }, 'a session could not be closed cleanly'))
      .finally(() => this.closings.delete(closing));
    this.closings.add(closing);
    return closing;
  }

  /** Takes up what an earlier process left in the store. Called once, before the first connection. Never rejects. */
  async restore(): Promise<number> {
    const records = await this.loadRecords();
    // All at once: one sandbox that does not answer must not hold up the others.
    await Promise.all(records.map((record) => this.restoreOne(record)));
    return records.length;
  }

  /**
   * Takes no new session and no new episode, waits for running requests, ends all sessions.
   * @param limitMs how long running requests are waited for
   */
  async drain(limitMs: number): Promise<void> {
    this.isDraining = true;
    for (const session of this) session.notify({ type: 'draining', deadline_ms: limitMs });
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([limit, Promise.all([...this].map((session) => session.idle()))]);
    clearTimeout(timer);
    await this.closeAll();
  }

  /** Ends all sessions now. */
  async closeAll(): Promise<void> {
    this.isDraining = true;
    for (const session of this.byId.values()) void this.close(session);
    await Promise.all(this.closings);
  }

  private build(profile: SessionProfile, record?: SessionRecord): Session {
    const { store = null, limits, log, catalogue } = this.options;
    const fault = (error: unknown): void => log.error({ err: error }, 'a fault that no client heard of');
    const episodeHost = {
      catalogue,
      maxEndedEpisodes: limits.maxEndedEpisodes,
      capacity: this.episodeCapacity,
      admit: () => this.admitEpisode(),
      ended: (state: EpisodeState) => this.options.onEpisodeEnded?.(state),
    };
    return new Session(profile, { limits, store, fault }, episodeHost, record);
  }

  private async loadRecords(): Promise<SessionRecord[]> {
    try {
      return (await this.options.store?.load()) ?? [];
    } catch (error) {
      this.options.log.error({ err: error }, 'the sessions of the earlier process cannot be read');
      return [];
    }
  }

  private async restoreOne(stored: SessionRecord): Promise<void> {
    // Nobody knows whether what a reset had made was whole, and its client has to reset again anyway.
    const unmade = new Set(stored.pending.filter(isReset).map(({ episode_id }) => episode_id));
    const record = {
      ...stored,
      episodes: stored.episodes.filter(({ episode_id }) => !unmade.has(episode_id)),
      replies: [...stored.replies, ...stored.pending.map(interrupted)],
    };
    const session = this.build(record.profile, record);
    const lost = await session.episodes.restore();
    if (lost.length > 0) this.options.log.warn({ episodes: lost }, 'episodes were lost with the earlier process');
    this.byId.set(session.id, session);
    this.expire(session, this.options.limits.sessionGraceMs);
  }

  private async admitEpisode(): Promise<() => void> {
    this.refuseWhileDraining();
    if (this.episodeCapacity.isFull) await this.reclaim('episode');
    return this.episodeCapacity.take();
  }

  private refuseWhileDraining(): void {
    if (this.isDraining) throw new RpcError('draining', 'The server is going down. Connect to another, or try later.');
  }

  /**
   * Ends the session that has been without a connection for longest, if that is long enough. One of HTTP MCP never has a
   * connection: it is spared while it has an episode.
   * @param wanted the place to win; a session without episodes has none of those to give
   */
  private reclaim(wanted: 'session' | 'episode'): Promise<void> | null {
    const until = performance.now() - RECLAIM_AFTER_MS;
    const stale = [...this.byId.values()]
      .filter(({ state, detachedAtMs }) => state === 'detached' && detachedAtMs < until)
      .filter(({ profile, episodes }) => profile !== 'mcp' || episodes.size === 0)
      .filter(({ episodes }) => wanted === 'session' || episodes.size > 0)
      .sort((left, right) => left.detachedAtMs - right.detachedAtMs)[0];
    return stale ? this.close(stale) : null;
  }
}

type PendingRequest = SessionRecord['pending'][number];

function isReset({ method }: PendingRequest): boolean {
  return method === 'reset';
}

/** The reply to a request that ran when the earlier process ended. */
function interrupted(request: PendingRequest) {
  const { id, fingerprint, method } = request;
  const error = isReset(request)
    ? new RpcError('sandbox_unavailable', 'The server was restarted while this reset ran. Reset again.', RESTARTED)
    : new RpcError(
        'internal',
        `The server was restarted while this ${method} ran. What it did stands, its result is lost: ask for the state and go on.`,
        RESTARTED,
      );
  return { id, fingerprint, message: { type: 'error', id, error: error.toWire() } };
}
