import { once } from 'node:events';
import { pino } from 'pino';
import { WebSocket } from 'ws';
import { type Channel, channelPair, codecFor } from '../../src/protocol/index.js';
import { type AppOptions, createApp, type ServerApp } from '../../src/server/app.js';
import { type Listening, listen } from '../../src/server/listen.js';
import type { OpenEnvAddress } from '../../src/server/openenv/openenv-connection.js';
import { SocketChannel } from '../../src/server/socket-channel.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { NativePeer } from './native-peer.js';
import { OpenEnvPeer } from './openenv-peer.js';

export type Transport = 'memory' | 'socket';
export type Encoding = 'json' | 'msgpack';

/** Every way in which the native profile is spoken. */
export const MATRIX = (['memory', 'socket'] as const).flatMap((transport) =>
  (['json', 'msgpack'] as const).map((encoding) => ({ transport, encoding })),
);

export const silent = pino({ level: 'silent' });

/** A server over envs without sandboxes, and peers that talk to it. */
export class Harness {
  readonly peers: { drop(): void }[] = [];

  private constructor(
    readonly app: ServerApp,
    readonly catalogue: EchoCatalogue,
    readonly listening: Listening | null,
  ) {}

  static async start(transport: Transport, options: Partial<AppOptions> = {}): Promise<Harness> {
    const catalogue = (options.catalogue as EchoCatalogue | undefined) ?? new EchoCatalogue();
    const app = createApp({ log: silent, ...options, catalogue });
    await app.restore();
    const listening = transport === 'socket' ? await listen(app, '127.0.0.1', 0) : null;
    return new Harness(app, catalogue, listening);
  }

  /** Connects without saying hello. */
  async connect(encoding: Encoding = 'json'): Promise<NativePeer> {
    const subprotocol = `gymsmith.v1.${encoding}`;
    const channel = this.listening
      ? await dial(`${this.listening.url}/v1/ws`, [subprotocol])
      : this.pair((end) => this.app.acceptNative(end, codecFor(subprotocol)));
    return this.track(new NativePeer(channel, codecFor(subprotocol)));
  }

  /** Connects and says hello. */
  async native(encoding: Encoding = 'json', sessionToken?: string): Promise<NativePeer> {
    const peer = await this.connect(encoding);
    await peer.hello(sessionToken);
    return peer;
  }

  async openEnv(address: OpenEnvAddress = {}): Promise<OpenEnvPeer> {
    const prefix = address.task === undefined ? '' : `/env/${address.task}`;
    const query = address.sessionId === undefined ? '' : `?session_id=${encodeURIComponent(address.sessionId)}`;
    const channel = this.listening
      ? await dial(`${this.listening.url}${prefix}/ws${query}`)
      : this.pair((end) => this.app.acceptOpenEnv(end, address));
    return this.track(new OpenEnvPeer(channel));
  }

  async stop(): Promise<void> {
    for (const peer of this.peers) peer.drop();
    await this.app.close();
    await this.listening?.close();
  }

  private pair(accept: (end: Channel) => void): Channel {
    const [near, far] = channelPair();
    accept(far);
    return near;
  }

  private track<P extends { drop(): void }>(peer: P): P {
    this.peers.push(peer);
    return peer;
  }
}

/** Opens a WebSocket as a channel. */
export async function dial(url: string, protocols: string[] = [], options: object = {}): Promise<Channel> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, { perMessageDeflate: false, ...options });
  const channel = new SocketChannel(socket);
  await once(socket, 'open');
  return channel;
}

/** Waits until a fact holds that no event tells of. */
export async function eventually(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
