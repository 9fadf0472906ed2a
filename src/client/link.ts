import type { Channel, ClientMessage, Codec, Limits } from '../protocol/index.js';
import { PROTOCOL_VERSION, RpcError, ServerMessage, SOFTWARE } from '../protocol/index.js';
import type { Dial } from './dial.js';
import { ClientError } from './errors.js';

/** What a link tells its owner. */
export interface LinkEvents {
  onMessage: (message: ServerMessage) => void;
  /** Called once; `fault` is what the server last complained of, or what it sent wrongly. */
  onClose: (code: number, reason: string, fault: Error | null) => void;
}

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** One channel to the server with its hello and welcome. A connection lives through several links. */
export class Link {
  /** Time of the last frame from the server, `performance.now()`. */
  receivedAtMs = performance.now();
  welcome!: Welcome;
  #events: LinkEvents | null = null;
  #early: ServerMessage[] = [];
  #closed: [code: number, reason: string] | null = null;
  #fault: Error | null = null;

  private constructor(
    readonly channel: Channel,
    readonly codec: Codec,
  ) {
    channel.onMessage = (frame) => this.#receive(frame);
    channel.onClose = (code, reason) => {
      this.#closed = [code, reason];
      this.#events?.onClose(code, reason, this.#fault);
    };
  }

  /**
   * Dials, says hello and waits for welcome.
   * @param sessionToken takes up an earlier session; one that the server no longer knows gives a new session
   * @throws RpcError when the server refused, ClientError or what `dial` threw otherwise
   */
  static async open(
    dial: Dial,
    sessionToken: string | undefined,
    client: string | undefined,
    signal: AbortSignal,
  ): Promise<Link> {
    const { channel, codec } = await dial(signal);
    const link = new Link(channel, codec);
    try {
      link.welcome = await link.#greet(sessionToken, client, signal);
      return link;
    } catch (error) {
      channel.close(1000, 'handshake failed');
      // The session may have ended while the connection was down: a new one takes its place.
      if (sessionToken !== undefined && error instanceof RpcError && error.code === 'unknown_session') {
        return Link.open(dial, undefined, client, signal);
      }
      throw error;
    }
  }

  get limits(): Limits {
    return this.welcome.limits;
  }

  /** Starts to deliver, beginning with what arrived since welcome. */
  listen(events: LinkEvents): void {
    this.#events = events;
    for (const message of this.#early.splice(0)) events.onMessage(message);
    if (this.#closed) events.onClose(...this.#closed, this.#fault);
  }

  /** Remembers what the server complained of; it explains a close that follows. */
  blame(fault: Error): void {
    this.#fault = fault;
  }

  send(message: ClientMessage): void {
    this.channel.send(this.codec.encode(message));
  }

  #receive(frame: string | Uint8Array): void {
    this.receivedAtMs = performance.now();
    let message: ServerMessage;
    try {
      message = ServerMessage.parse(this.codec.decode(frame));
    } catch (error) {
      const what = 'The server sent a frame that the protocol does not know.';
      this.#fault = new ClientError('protocol', what, { cause: error });
      this.channel.close(1002, 'unreadable frame');
      return;
    }
    if (this.#events) this.#events.onMessage(message);
    else this.#early.push(message);
  }

  #greet(sessionToken: string | undefined, client: string | undefined, signal: AbortSignal): Promise<Welcome> {
    return new Promise((resolve, reject) => {
      const finish = (outcome: () => void) => {
        signal.removeEventListener('abort', onAbort);
        this.#events = null;
        outcome();
      };
      const onAbort = () =>
        finish(() => reject(new ClientError('connection_failed', 'The server did not say welcome in time.')));
      signal.addEventListener('abort', onAbort);
      this.listen({
        onMessage: (message) =>
          finish(() => {
            if (message.type === 'welcome') return resolve(message);
            if (message.type === 'error') return reject(RpcError.fromWire(message.error));
            reject(new ClientError('protocol', `The server said ${message.type} before welcome.`));
          }),
        onClose: (code, reason, fault) => {
          const what = `The server closed the connection (${code} ${reason}) before welcome.`;
          finish(() => reject(fault ?? new ClientError('connection_failed', what)));
        },
      });
      if (signal.aborted) return onAbort();
      this.send({
        type: 'hello',
        versions: [PROTOCOL_VERSION],
        client: client ?? `${SOFTWARE.name}/${SOFTWARE.version}`,
        ...(sessionToken !== undefined && { session_token: sessionToken }),
      });
    });
  }
}
