import { createHash, randomBytes } from 'node:crypto';
import { type Method, type ResetParams, RpcError, type ServerMessage } from '../../protocol/index.js';
import { differs, fingerprintOf, ReplyLedger } from '../native/reply-ledger.js';
import { type EpisodeHost, SessionEpisodes } from './session-episodes.js';
import type { SessionChange, SessionJournal, SessionRecord, SessionStore } from './session-store.js';

export type SessionProfile = SessionRecord['profile'];

/** Where the messages of a session go while a connection is attached. */
export interface SessionSink {
  /** @returns size of the frame in bytes */
  deliver(message: ServerMessage): number;
  /** Output of a running step; what does not fit is dropped. */
  stream(requestId: string, episodeId: string, chunk: Uint8Array, offset: number): void;
  /** No more output of this request follows. */
  endStream(requestId: string): void;
  /** Another connection took the session. */
  replaced(): void;
}

/** What a session needs of its server. */
export interface SessionHost {
  readonly limits: {
    maxInFlight: number;
    maxKeptReplies: number;
    maxKeptReplyBytes: number;
    maxForgottenReplies: number;
  };
  /** Where the session outlives the process; null when it does not. */
  readonly store: SessionStore | null;
  /** Told of faults that nobody else hears of. */
  readonly fault: (error: unknown) => void;
}

interface Running {
  readonly fingerprint: string;
  readonly method: string;
  readonly episodeId: string | null;
  readonly abort: AbortController;
}

/** Methods that change something: those that must not run twice, whatever happens to the server. */
const CHANGING: ReadonlySet<string> = new Set(['reset', 'step', 'close', 'interrupt'] satisfies Method[]);

/** What a request of a session does; it throws RpcError only. */
export type Execute = (signal: AbortSignal) => Promise<unknown>;

/** A client, its episodes, and the replies that it has not acknowledged. It outlives its connections. */
export class Session {
  readonly token: string;
  readonly id: string;
  readonly createdAt: string;
  readonly episodes: SessionEpisodes;
  readonly replies: ReplyLedger;
  state: 'attached' | 'detached' | 'closed' = 'detached';
  /** Time of the last detachment, `performance.now()`. */
  detachedAtMs = performance.now();
  private sink: SessionSink | null = null;
  private readonly running = new Map<string, Running>();
  private holds = 0;
  private readonly idleWaiters = new Set<() => void>();
  private readonly journal: SessionJournal | null;

  /**
   * @param record of an earlier process; its token is not known and stays so
   */
  constructor(
    readonly profile: SessionProfile,
    private readonly host: SessionHost,
    episodeHost: Omit<EpisodeHost, 'begun' | 'gone' | 'fault'>,
    record?: SessionRecord,
  ) {
    this.token = record ? '' : randomBytes(32).toString('base64url');
    this.id = record?.id ?? sessionIdOf(this.token);
    this.createdAt = record?.created_at ?? new Date().toISOString();
    const episodes = {
      ...episodeHost,
      begun: (episode_id: string, params: ResetParams) => this.write({ op: 'episode', episode_id, params }),
      gone: (episode_id: string) => this.write({ op: 'episode_gone', episode_id }),
      fault: host.fault,
    };
    this.episodes = new SessionEpisodes(episodes, record?.episodes);
    this.replies = new ReplyLedger(host.limits);
    for (const { id, fingerprint, message } of record?.replies ?? []) {
      const sizeBytes = JSON.stringify(message).length;
      this.replies.keep(id, { fingerprint, message: message as ServerMessage, sizeBytes });
    }
    this.journal = this.openJournal();
  }

  get inFlight(): number {
    return this.running.size + this.holds;
  }

  /** Gives the session to a connection; an earlier one is told that it lost it. */
  attach(sink: SessionSink): void {
    const earlier = this.sink;
    this.sink = sink;
    this.state = 'attached';
    earlier?.replaced();
  }

  /** @returns whether `sink` was the one attached */
  detach(sink: SessionSink): boolean {
    if (this.sink !== sink || this.state === 'closed') return false;
    this.sink = null;
    this.state = 'detached';
    this.detachedAtMs = performance.now();
    return true;
  }

  /** Sends every kept reply again. */
  redeliver(): void {
    for (const [, reply] of this.replies.entries()) this.sink?.deliver(reply.message);
  }

  /** Sends without keeping. */
  notify(message: ServerMessage): void {
    this.sink?.deliver(message);
  }

  /**
   * Runs a request once. A repeated id gets the kept reply, or waits for the one that runs.
   * @param execute what the request does; not called for a repeated id
   */
  async request(id: string, method: string, params: unknown, execute: Execute): Promise<void> {
    let fingerprint: string;
    try {
      fingerprint = fingerprintOf(method, params);
      const kept = this.replies.find(id, fingerprint);
      if (kept) return this.notify(kept.message);
      const twin = this.running.get(id);
      if (twin && twin.fingerprint !== fingerprint) throw differs(id);
      if (twin) return;
      this.admit();
    } catch (error) {
      const refusal =
        error instanceof RpcError ? error : new RpcError('invalid_params', 'The parameters are not plain data.');
      return this.notify({ type: 'error', id, error: refusal.toWire() });
    }
    const abort = new AbortController();
    this.running.set(id, { fingerprint, method, episodeId: episodeIdOf(params), abort });
    let message: ServerMessage;
    try {
      this.begin(id, fingerprint, method, episodeIdOf(params));
      message = { type: 'reply', id, result: await execute(abort.signal) };
    } catch (error) {
      const known = error instanceof RpcError ? error : new RpcError('internal', 'The server failed.');
      message = { type: 'error', id, error: known.toWire() };
    }
    this.answer(id, fingerprint, method, message);
  }

  /** Aborts a running request; its reply still comes. */
  cancel(id: string): void {
    this.running.get(id)?.abort.abort();
  }

  acknowledge(ids: readonly string[]): void {
    for (const id of ids) this.replies.drop(id);
    this.write({ op: 'dropped', ids: [...ids] });
  }

  /** Passes output of a running step on; without a connection it is dropped. */
  stream(requestId: string, episodeId: string, chunk: Uint8Array, offset: number): void {
    this.sink?.stream(requestId, episodeId, chunk, offset);
  }

  /** Counts something as under way that is not a request with an id. @returns ends it */
  hold(): () => void {
    this.holds += 1;
    return () => {
      this.holds -= 1;
      this.wake();
    };
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    if (this.inFlight > 0) await new Promise<void>((resolve) => this.idleWaiters.add(resolve));
  }

  /** Ends the session and its episodes. Idempotent, never rejects. */
  async close(): Promise<void> {
    if (this.state !== 'closed') {
      this.state = 'closed';
      this.sink = null;
      for (const { abort } of this.running.values()) abort.abort();
    }
    await this.episodes.closeAll();
    this.journal?.end();
  }

  private begin(id: string, fingerprint: string, method: string, episode_id: string | null): void {
    if (CHANGING.has(method)) this.write({ op: 'begun', id, fingerprint, method, episode_id });
  }

  private answer(id: string, fingerprint: string, method: string, message: ServerMessage): void {
    this.sink?.endStream(id);
    this.running.delete(id);
    // Before it is sent: what a client has seen must still be there after a crash.
    if (CHANGING.has(method)) this.write({ op: 'answered', id, fingerprint, message });
    const sizeBytes = this.sink?.deliver(message) ?? JSON.stringify(message).length;
    this.replies.keep(id, { fingerprint, message, sizeBytes });
    this.wake();
  }

  private openJournal(): SessionJournal | null {
    try {
      return this.host.store?.open(() => this.record()) ?? null;
    } catch (error) {
      this.host.fault(error);
      return null;
    }
  }

  /** A journal that cannot be written must not stop the session: it is there for a crash that may never come. */
  private write(change: SessionChange): void {
    try {
      this.journal?.write(change);
    } catch (error) {
      this.host.fault(error);
    }
  }

  private wake(): void {
    if (this.inFlight > 0) return;
    for (const resolve of this.idleWaiters) resolve();
    this.idleWaiters.clear();
  }

  private admit(): void {
    if (this.running.size < this.host.limits.maxInFlight) return;
    throw new RpcError(
      'capacity_reached',
      `The session runs ${this.running.size} requests, as many as it may. Wait for one.`,
      {
        used: this.running.size,
        limit: this.host.limits.maxInFlight,
      },
    );
  }

  private record(): SessionRecord {
    return {
      version: 1,
      id: this.id,
      profile: this.profile,
      created_at: this.createdAt,
      episodes: this.episodes.records,
      replies: [...this.replies.entries()].map(([id, { fingerprint, message }]) => ({ id, fingerprint, message })),
      pending: [...this.running]
        .filter(([, { method }]) => CHANGING.has(method))
        .map(([id, { fingerprint, method, episodeId }]) => ({ id, fingerprint, method, episode_id: episodeId })),
    };
  }
}

/** @returns the name of a session in logs and records, from which its token cannot be told */
export function sessionIdOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function episodeIdOf(params: unknown): string | null {
  const id = (params as { episode_id?: unknown } | null | undefined)?.episode_id;
  return typeof id === 'string' ? id : null;
}
