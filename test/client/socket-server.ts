import type { AppOptions } from '../../src/server/app.js';
import { type Listening, listen } from '../../src/server/listen.js';
import { LocalServer } from './local-server.js';

/** The real server with toy envs on a real port. */
export class SocketServer implements AsyncDisposable {
  private constructor(
    readonly local: LocalServer,
    private readonly listening: Listening,
  ) {}

  static async listen(options: Partial<AppOptions> = {}): Promise<SocketServer> {
    const local = new LocalServer(options);
    return new SocketServer(local, await listen(local.app, '127.0.0.1', 0));
  }

  get port(): number {
    return this.listening.port;
  }

  get url(): string {
    return this.listening.url;
  }

  /** Connections that the server itself still holds. */
  get connections(): number {
    return this.local.app.context.connections.size;
  }

  /** Ends every connection from the server's side, as when it restarts. */
  drop(): void {
    for (const connection of this.local.app.context.connections.keys()) connection.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.local.stop();
    await this.listening.close();
  }
}
