import type { Logger } from 'pino';
import {
  type Channel,
  ClientMessage,
  type Codec,
  PROTOCOL_VERSION,
  RpcError,
  type ServerMessage,
  SOFTWARE,
} from '../../protocol/index.js';
import type { Dispatcher } from '../dispatcher.js';
import type { ServerLimits } from '../limits.js';
import type { Session, SessionSink } from '../sessions/session.js';
import type { Sessions } from '../sessions/sessions.js';
import { type OutputFrame, OutputWindow } from './output-window.js';
import { SlowConsumerGuard } from './slow-consumer-guard.js';

/** What a connection of the native profile works with. */
export interface NativeHost {
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
  readonly limits: ServerLimits;
  readonly log: Logger;
  /** Told of each frame, for metrics. */
  readonly onFrame?: (direction: 'in' | 'out', sizeBytes: number) => void;
}

/** Close codes of RFC 6455; a client may dial again after those of 1012 and 1013. */
const CLOSE = { protocolError: 1002, policy: 1008, tooLarge: 1009, restart: 1012, tryLater: 1013 } as const;

const MAX_ID_LENGTH = 128;

type Request = Extract<ClientMessage, { type: 'request' }>;
type Hello = Extract<ClientMessage, { type: 'hello' }>;

/** One connection of the native profile: hello and welcome, then requests of the session until either side ends it. */
export class NativeConnection implements SessionSink {
  private state: 'greeting' | 'open' | 'closed' = 'greeting';
  private session: Session | null = null;
  private faults = 0;
  private readonly decoder = new TextDecoder();
  private readonly output: OutputWindow;
  private readonly guard: SlowConsumerGuard;
  private readonly helloTimer: NodeJS.Timeout;

  constructor(
    private readonly channel: Channel,
    private readonly codec: Codec,
    private readonly host: NativeHost,
  ) {
    const { limits } = host;
    this.guard = new SlowConsumerGuard(channel, limits, () => this.dropSlow());
    this.output = new OutputWindow(
      limits,
      (frame) => this.sendOutput(frame),
      () => channel.bufferedBytes > limits.streamWindowBytes,
    );
    this.helloTimer = setTimeout(
      () => this.refuse(new RpcError('invalid_message', 'No hello came in time.'), CLOSE.protocolError),
      limits.helloTimeoutMs,
    );
    channel.onMessage = (frame) => this.receive(frame);
    channel.onClose = (code) => this.closed(code);
  }

  deliver(message: ServerMessage): number {
    const frame = this.codec.encode(message);
    const sizeBytes = typeof frame === 'string' ? Buffer.byteLength(frame) : frame.length;
    if (this.state === 'closed') return sizeBytes;
    this.host.onFrame?.('out', sizeBytes);
    this.channel.send(frame);
    this.guard.check();
    return sizeBytes;
  }

  stream(requestId: string, episodeId: string, chunk: Uint8Array, offset: number): void {
    if (this.state === 'open') this.output.push(requestId, episodeId, chunk, offset);
  }

  endStream(requestId: string): void {
    this.output.finish(requestId);
  }

  replaced(): void {
    this.end(CLOSE.policy, 'another connection took up the session');
  }

  /** Ends the connection from outside; the session lives on for its grace time. */
  close(): void {
    this.end(CLOSE.restart, 'the server is going down');
  }

  private receive(frame: string | Uint8Array): void {
    if (this.state === 'closed') return;
    const sizeBytes = typeof frame === 'string' ? Buffer.byteLength(frame) : frame.length;
    this.host.onFrame?.('in', sizeBytes);
    const { maxFrameBytes } = this.host.limits;
    if (sizeBytes > maxFrameBytes) {
      const what = `A frame of ${sizeBytes} bytes came; at most ${maxFrameBytes} are taken.`;
      this.refuse(new RpcError('frame_too_large', what), CLOSE.tooLarge);
      return;
    }
    try {
      this.handle(this.parse(frame));
    } catch (error) {
      this.fault(error);
    }
  }

  private parse(frame: string | Uint8Array): ClientMessage {
    const decoded = this.codec.decode(frame);
    const parsed = ClientMessage.safeParse(decoded);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.');
    const { type, id } = (decoded ?? {}) as { type?: unknown; id?: unknown };
    const isRequest = type === 'request' && typeof id === 'string' && id !== '' && id.length <= MAX_ID_LENGTH;
    throw new RpcError(
      'invalid_message',
      `The message is wrong${where ? ` at ${where}` : ''}: ${issue?.message ?? 'unknown shape'}.`,
      isRequest ? { id } : undefined,
    );
  }

  private handle(message: ClientMessage): void {
    const { session } = this;
    if (message.type === 'hello') {
      if (session) throw new RpcError('invalid_message', 'A second hello came on one connection.');
      this.greet(message);
      return;
    }
    if (!session) {
      const what = `The first message is hello, not ${message.type}.`;
      this.refuse(new RpcError('invalid_message', what), CLOSE.protocolError);
      return;
    }
    switch (message.type) {
      case 'request':
        this.request(session, message).catch((error: unknown) => this.fault(error));
        break;
      case 'cancel':
        session.cancel(message.id);
        break;
      case 'ack':
        session.acknowledge(message.ids);
        break;
      case 'credit':
        this.output.credit(message.bytes);
        break;
      case 'ping':
        this.deliver({ type: 'pong', ...(message.nonce !== undefined && { nonce: message.nonce }) });
        break;
    }
  }

  private greet(hello: Hello): void {
    clearTimeout(this.helloTimer);
    const { sessions, limits, log } = this.host;
    if (!hello.versions.includes(PROTOCOL_VERSION)) {
      const spoken = [PROTOCOL_VERSION];
      const wanted = hello.versions.slice(0, 8).join(', ');
      const what = `The client speaks versions ${wanted}; this server speaks ${spoken.join(', ')}.`;
      this.refuse(new RpcError('version_unsupported', what, { versions: spoken }), CLOSE.protocolError);
      return;
    }
    const earlier = hello.session_token === undefined ? null : sessions.find(hello.session_token);
    const resumed = earlier?.profile === 'native' ? earlier : null;
    let session: Session;
    try {
      session = resumed ?? sessions.open('native');
    } catch (error) {
      this.refuse(error, CLOSE.tryLater);
      return;
    }
    this.state = 'open';
    this.session = session;
    sessions.attach(session, this);
    log.debug(
      { session: session.id.slice(0, 12), client: hello.client, resumed: resumed !== null },
      'session attached',
    );
    this.deliver({
      type: 'welcome',
      version: PROTOCOL_VERSION,
      session_token: resumed ? hello.session_token! : session.token,
      resumed: resumed !== null,
      server: `${SOFTWARE.name} ${SOFTWARE.version}`,
      limits: {
        max_frame_bytes: limits.maxFrameBytes,
        max_episodes: limits.maxEpisodes,
        session_grace_ms: limits.sessionGraceMs,
        stream_window_bytes: limits.streamWindowBytes,
      },
      episodes: session.episodes.ids,
    });
    session.redeliver();
    if (sessions.draining) this.deliver({ type: 'draining', deadline_ms: limits.drainMs });
  }

  private request(session: Session, { id, method, params }: Request): Promise<void> {
    return session.request(id, method, params, (signal) =>
      this.host.dispatcher.call(method, params, {
        session,
        signal,
        onOutput: (episodeId, chunk, offset) => session.stream(id, episodeId, chunk, offset),
      }),
    );
  }

  private sendOutput({ requestId, episodeId, offset, bytes }: OutputFrame): number {
    const data = this.codec.encoding === 'json' ? this.decoder.decode(bytes) : new Uint8Array(bytes);
    this.deliver({ type: 'output', id: requestId, episode_id: episodeId, offset, data });
    // What the client can count itself: in JSON frames an invalid byte has become a longer replacement character.
    return typeof data === 'string' ? Buffer.byteLength(data) : data.length;
  }

  /** Answers a malformed frame; one that sends too many is let go. */
  private fault(error: unknown): void {
    const known = error instanceof RpcError ? error : new RpcError('internal', 'The server failed.');
    if (known !== error) this.host.log.error({ err: error }, 'a frame could not be handled');
    const id = typeof known.data?.id === 'string' ? known.data.id : null;
    this.deliver({ type: 'error', id, error: known.toWire() });
    this.faults += 1;
    if (this.state === 'greeting') this.end(CLOSE.protocolError, 'no hello');
    else if (this.faults > this.host.limits.maxFaults) this.end(CLOSE.policy, 'too many malformed frames');
  }

  private refuse(error: unknown, closeCode: number): void {
    const known = error instanceof RpcError ? error : new RpcError('internal', 'The server failed.');
    this.deliver({ type: 'error', id: null, error: known.toWire() });
    this.end(closeCode, known.code);
  }

  private dropSlow(): void {
    const what = 'The client reads slower than the server may buffer. Connect again and take up the session.';
    this.deliver({ type: 'error', id: null, error: new RpcError('slow_consumer', what).toWire() });
    this.end(CLOSE.tryLater, 'slow_consumer');
  }

  private end(code: number, reason: string): void {
    if (this.state === 'closed') return;
    this.closed();
    this.channel.close(code, reason);
  }

  /** @param code of a close by the client: with 1000 it says that it is done, and its session ends at once */
  private closed(code?: number): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    clearTimeout(this.helloTimer);
    this.guard.stop();
    this.output.clear();
    if (this.session) this.host.sessions.detach(this.session, this, code === 1000 ? 0 : undefined);
  }
}
