import type { Dial } from '../../src/client/dial.js';
import { type Channel, ClientMessage, channelPair, jsonCodec, type ServerMessage } from '../../src/protocol/index.js';

type Welcome = Extract<ServerMessage, { type: 'welcome' }>;

/** The server's end of channels, driven message by message by a test. */
export class ScriptedPeer {
  /** What the client sent over all channels, without hello. */
  readonly received: ClientMessage[] = [];
  readonly hellos: Extract<ClientMessage, { type: 'hello' }>[] = [];
  channel!: Channel;
  closed: { code: number; reason: string } | null = null;
  /** Changes what welcome says; `null` keeps silent. */
  welcome: Partial<Welcome> | null = {};
  #waiters = new Set<() => void>();

  readonly dial: Dial = async () => {
    const [client, server] = channelPair();
    this.channel = server;
    this.closed = null;
    server.onMessage = (frame) => this.#receive(ClientMessage.parse(jsonCodec.decode(frame)));
    server.onClose = (code, reason) => {
      if (this.channel === server) this.closed = { code, reason };
    };
    return { channel: client, codec: jsonCodec };
  };

  send(message: ServerMessage | Record<string, unknown>): void {
    this.channel.send(jsonCodec.encode(message));
  }

  /** @returns the messages of one type so far */
  of<T extends ClientMessage['type']>(type: T): Extract<ClientMessage, { type: T }>[] {
    return this.received.filter((message) => message.type === type) as Extract<ClientMessage, { type: T }>[];
  }

  /** Waits until the client has sent so many messages of a type. @returns the last of them */
  async next<T extends ClientMessage['type']>(type: T, count = 1): Promise<Extract<ClientMessage, { type: T }>> {
    while (this.of(type).length < count) await new Promise<void>((resolve) => this.#waiters.add(resolve));
    return this.of(type)[count - 1]!;
  }

  #receive(message: ClientMessage): void {
    if (message.type === 'hello') {
      this.hellos.push(message);
      if (this.welcome) this.send({ ...WELCOME, ...this.welcome });
      return;
    }
    this.received.push(message);
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }
}

const WELCOME: Welcome = {
  type: 'welcome',
  version: 1,
  session_token: 'token-1',
  resumed: false,
  server: 'scripted/0',
  limits: { max_frame_bytes: 1 << 20, max_episodes: 8, session_grace_ms: 10_000, stream_window_bytes: 1000 },
  episodes: [],
};
