import type { ClientMessage, Limits, Method, Params, Result, ServerMessage } from '../protocol/index.js';
import { METHODS, RpcError } from '../protocol/index.js';
import { AckQueue } from './ack-queue.js';
import { backoffMs, pause, type ReconnectOptions } from './backoff.js';
import type { Dial } from './dial.js';
import { ClientError } from './errors.js';
import { Heartbeat } from './heartbeat.js';
import { Link } from './link.js';
import { OutputCredit } from './output-credit.js';
import { PendingRequest, type RequestOptions } from './pending-request.js';
import { randomId } from './random-id.js';

export type ConnectionState = 'open' | 'reconnecting' | 'draining' | 'closed';

export interface ConnectionOptions {
  /** Takes up a session of an earlier process. */
  sessionToken?: string;
  /** Name and version of the program, for the log of the server. */
  client?: string;
  /** Ends the first attempt to connect; later it does nothing. */
  signal?: AbortSignal;
  /** Limit of one attempt, dialling and handshake together. Default 10 s. */
  connectTimeoutMs?: number;
  /** Silence of the server after which it is pinged; two of them end the link. Default 15 s. */
  heartbeatMs?: number;
  /** `false`: a broken connection ends everything. */
  reconnect?: Partial<ReconnectOptions> | false;
  /** Told of every change, with the cause of a bad one. */
  onState?: (state: ConnectionState, cause?: Error) => void;
}

/** The codes of RFC 6455 with which a server says that this client is at fault: dialling again would repeat it. */
const FATAL_CLOSE_CODES: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008, 1009, 1010]);
/** Refusals that another attempt would only repeat. */
const FATAL_CODES: ReadonlySet<string> = new Set(['unauthorized', 'forbidden_origin', 'version_unsupported']);
const encoder = new TextEncoder();

/**
 * A session with a server: requests and their replies over one link at a time. When the link breaks it dials again, takes up the
 * session and sends unanswered requests again under their old ids, which the server executes once.
 */
export class Connection {
  readonly #idPrefix = randomId().slice(0, 8);
  readonly #pending = new Map<string, PendingRequest>();
  readonly #ended = new AbortController();
  readonly #acks = new AckQueue((ids) => this.#send({ type: 'ack', ids }));
  #requests = 0;
  #link: Link | null = null;
  #heartbeat: Heartbeat | null = null;
  #credit: OutputCredit | null = null;
  #sessionToken: string | undefined;
  #limits: Limits | null = null;
  #failures = 0;
  #brokenAtMs: number | null = null;
  #end: Error | null = null;

  private constructor(
    private readonly dial: Dial,
    private readonly options: ConnectionOptions,
  ) {
    this.#sessionToken = options.sessionToken;
  }

  /**
   * Connects once; there is no second attempt when the first fails.
   * @throws RpcError when the server refused, ClientError `connection_failed` or `aborted`
   */
  static async open(dial: Dial, options: ConnectionOptions = {}): Promise<Connection> {
    const connection = new Connection(dial, options);
    try {
      connection.#establish(await connection.#openLink(options.signal));
    } catch (error) {
      const cause = options.signal?.aborted ? abortError(options.signal) : asFailure(error);
      connection.#finish(cause);
      throw cause;
    }
    return connection;
  }

  /** Limits that the server told. */
  get limits(): Limits {
    return this.#limits!;
  }

  /** Names the session; another process can take it up with it. A secret. */
  get sessionToken(): string {
    return this.#sessionToken!;
  }

  get isClosed(): boolean {
    return this.#end !== null;
  }

  /**
   * Sends a request and waits for its reply, over as many links as it takes.
   * @throws RpcError what the server answered, ClientError what went wrong on this side
   */
  request<M extends Method>(method: M, params: Params<M>, options: RequestOptions = {}): Promise<Result<M>> {
    if (this.#end) return Promise.reject(this.#end);
    if (options.signal?.aborted) return Promise.reject(abortError(options.signal));
    const id = `${this.#idPrefix}-${++this.#requests}`;
    const pending: PendingRequest = new PendingRequest(id, method, params, options, () =>
      this.#abandon(pending, abortError(options.signal)),
    );
    this.#pending.set(id, pending);
    if (this.#link) this.#transmit(pending, this.#link);
    return pending.promise as Promise<Result<M>>;
  }

  /**
   * Ends the link; unanswered requests reject with `closed`. Idempotent, never throws.
   * @param keepsSession another connection will take up the session
   */
  close(keepsSession = false): void {
    this.#acks.flush();
    this.#finish(new ClientError('closed', 'The connection was closed by this side.'), keepsSession);
  }

  async #openLink(signal?: AbortSignal): Promise<Link> {
    const limit = AbortSignal.timeout(this.options.connectTimeoutMs ?? 10_000);
    const signals = [limit, this.#ended.signal, ...(signal ? [signal] : [])];
    return Link.open(this.dial, this.#sessionToken, this.options.client, AbortSignal.any(signals));
  }

  #establish(link: Link): void {
    const isSame = this.#sessionToken === undefined || link.welcome.resumed;
    this.#link = link;
    this.#limits = link.limits;
    this.#sessionToken = link.welcome.session_token;
    this.#credit = new OutputCredit(link.limits.stream_window_bytes, (bytes) => this.#send({ type: 'credit', bytes }));
    this.#heartbeat = new Heartbeat(
      this.options.heartbeatMs ?? 15_000,
      () => link.receivedAtMs,
      () => this.#send({ type: 'ping' }),
      () => this.#lose(link, new ClientError('connection_lost', 'The server stopped answering.')),
    );
    link.listen({
      onMessage: (message) => this.#receive(message, link),
      onClose: (code, reason, fault) => {
        if (this.#link !== link) return;
        const closed = new ClientError('connection_lost', `The connection closed (${code} ${reason}).`, {
          cause: fault,
        });
        if (FATAL_CLOSE_CODES.has(code)) this.#finish(fault ?? closed);
        else this.#lose(link, fault ?? closed);
      },
    });
    if (!isSame) this.#dropLostSession();
    this.options.onState?.('open');
    this.#acks.flush();
    for (const pending of [...this.#pending.values()]) this.#transmit(pending, link);
  }

  /** In a new session the episodes of the old one are gone; what does not name one is simply asked again. */
  #dropLostSession(): void {
    const lost = new ClientError('session_lost', 'The server no longer knows this session; its episodes are gone.');
    this.#acks.clear();
    for (const pending of [...this.#pending.values()]) {
      const needsEpisode = pending.method !== 'reset' && 'episode_id' in (pending.params as object);
      if (needsEpisode || pending.abandoned) this.#settle(pending, () => pending.fail(lost));
    }
  }

  #receive(message: ServerMessage, link: Link): void {
    switch (message.type) {
      case 'reply':
        this.#answer(message.id, (pending) => deliver(pending, message.result));
        break;
      case 'error': {
        const error = RpcError.fromWire(message.error);
        if (message.id === null) link.blame(error);
        else this.#answer(message.id, (pending) => pending.fail(error));
        break;
      }
      case 'output':
        this.#output(message);
        break;
      case 'draining':
        this.options.onState?.('draining');
        break;
      case 'pong':
        this.#progress();
    }
  }

  #answer(id: string, deliver: (pending: PendingRequest) => void): void {
    this.#progress();
    this.#acks.add(id);
    const pending = this.#pending.get(id);
    if (pending) this.#settle(pending, () => deliver(pending));
  }

  #output(message: Extract<ServerMessage, { type: 'output' }>): void {
    const { data, offset } = message;
    const isText = typeof data === 'string';
    const chunk = isText ? encoder.encode(data) : data;
    // A byte that is no UTF-8 became a U+FFFD of three bytes in a text frame.
    const sourceBytes = isText ? chunk.length - 2 * (data.split('\ufffd').length - 1) : chunk.length;
    const credit = this.#credit;
    const pending = this.#pending.get(message.id);
    const consumed = () => credit === this.#credit && credit?.consumed(chunk.length);
    const failed = (error: unknown) => {
      if (pending) this.#abandon(pending, error);
      consumed();
    };
    try {
      const busy = pending?.output(chunk, offset, sourceBytes);
      if (busy instanceof Promise) busy.then(consumed, failed);
      else consumed();
    } catch (error) {
      failed(error);
    }
  }

  #transmit(pending: PendingRequest, link: Link): void {
    const { id, method, params } = pending;
    try {
      const frame = link.codec.encode({ type: 'request', id, method, params });
      const bytes = typeof frame === 'string' ? utf8Bytes(frame) : frame.length;
      if (bytes > link.limits.max_frame_bytes) {
        const what = `The ${method} request has ${bytes} bytes; the server takes ${link.limits.max_frame_bytes}.`;
        throw new ClientError('frame_too_large', what);
      }
      link.channel.send(frame);
      pending.sent = true;
      // Sent again only so that the cancel finds its request.
      if (pending.abandoned) this.#send({ type: 'cancel', id });
    } catch (error) {
      this.#settle(pending, () => pending.fail(error));
    }
  }

  #abandon(pending: PendingRequest, error: unknown): void {
    if (!pending.sent) {
      this.#settle(pending, () => pending.fail(error));
      return;
    }
    pending.abandon(error);
    this.#send({ type: 'cancel', id: pending.id });
  }

  #settle(pending: PendingRequest, deliver: () => void): void {
    this.#pending.delete(pending.id);
    deliver();
  }

  /** The server lives: the next break starts its waits from the beginning. */
  #progress(): void {
    this.#failures = 0;
    this.#brokenAtMs = null;
  }

  #send(message: ClientMessage): boolean {
    this.#link?.send(message);
    return this.#link !== null;
  }

  #lose(link: Link, cause: Error): void {
    if (this.#link !== link || this.#end) return;
    this.#unlink(1001, 'client reconnects');
    const { reconnect } = this.options;
    if (reconnect === false) {
      this.#finish(cause);
      return;
    }
    this.options.onState?.('reconnecting', cause);
    void this.#reconnect({ baseDelayMs: 100, maxDelayMs: 5_000, ...reconnect }, cause);
  }

  async #reconnect(options: ReconnectOptions, cause: Error): Promise<void> {
    const giveUpMs = options.giveUpMs ?? Math.max(this.limits.session_grace_ms, 10_000);
    this.#brokenAtMs ??= performance.now();
    const giveUpAtMs = this.#brokenAtMs + giveUpMs;
    let last = cause;
    while (!this.#end) {
      await pause(backoffMs(this.#failures++, options), this.#ended.signal);
      try {
        const link = await this.#openLink();
        if (!this.#end) return this.#establish(link);
        link.channel.close(1000, 'closed meanwhile');
      } catch (error) {
        if (this.#end) return;
        if (error instanceof RpcError && FATAL_CODES.has(error.code)) return this.#finish(error);
        last = error as Error;
      }
      if (performance.now() > giveUpAtMs) {
        const what = `The connection could not be made again within ${giveUpMs} ms: ${last.message}`;
        return this.#finish(new ClientError('connection_lost', what, { cause: last }));
      }
    }
  }

  #unlink(code: number, reason: string): void {
    this.#heartbeat?.stop();
    this.#acks.stop();
    const link = this.#link;
    this.#link = null;
    this.#credit = null;
    link?.channel.close(code, reason);
  }

  #finish(error: Error, keepsSession = false): void {
    if (this.#end) return;
    this.#end = error;
    this.#ended.abort(error);
    if (keepsSession) this.#unlink(1001, 'client left');
    else this.#unlink(1000, 'client closed');
    for (const pending of [...this.#pending.values()]) this.#settle(pending, () => pending.fail(error));
    this.options.onState?.('closed', error);
  }
}

function deliver(pending: PendingRequest, reply: unknown): void {
  const result = METHODS[pending.method].result.safeParse(reply);
  if (result.success) {
    void pending.succeed(result.data);
    return;
  }
  const what = `The result of ${pending.method} does not have the shape of the protocol.`;
  pending.fail(new ClientError('protocol', what, { cause: result.error }));
}

function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A surrogate pair is two units and four bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function abortError(signal: AbortSignal | undefined): ClientError {
  return new ClientError('aborted', 'The request was aborted by its caller.', { cause: signal?.reason });
}

function asFailure(error: unknown): Error {
  if (error instanceof RpcError || error instanceof ClientError) return error;
  return new ClientError('connection_failed', `The server cannot be reached: ${(error as Error).message}`, {
    cause: error,
  });
}
