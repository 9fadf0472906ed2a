import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { codecFor, SUBPROTOCOLS } from '../../src/protocol/index.js';
import type { ServerLimits } from '../../src/server/limits.js';
import { SocketChannel } from '../../src/server/socket-channel.js';
import { LocalServer } from './local-server.js';

/** The real native profile with toy envs on a real port. */
export class SocketServer implements AsyncDisposable {
  private constructor(
    readonly local: LocalServer,
    private readonly sockets: WebSocketServer,
  ) {
    sockets.on('connection', (socket) => local.accept(new SocketChannel(socket), codecFor(socket.protocol)));
  }

  static async listen(limits: Partial<ServerLimits> = {}): Promise<SocketServer> {
    const handleProtocols = (offered: Set<string>) => [...offered].find((name) => name in SUBPROTOCOLS) ?? false;
    const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1', path: '/v1/ws', handleProtocols });
    await once(sockets, 'listening');
    return new SocketServer(new LocalServer(limits), sockets);
  }

  get port(): number {
    return (this.sockets.address() as AddressInfo).port;
  }

  /** Connections that the server itself still holds. */
  get connections(): number {
    return this.sockets.clients.size;
  }

  /** Cuts every connection from the server's side. */
  drop(): void {
    for (const socket of this.sockets.clients) socket.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.drop();
    this.sockets.close();
    await this.local.stop();
  }
}
