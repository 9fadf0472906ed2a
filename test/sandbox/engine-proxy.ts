import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ENGINE_SOCKET = '/var/run/docker.sock';

/** Stands before this machine's Docker engine and can be away, as an engine is that restarts. */
export class EngineProxy {
  readonly #sockets = new Set<net.Socket>();
  #server: net.Server | null = null;
  #directory = '';
  /** How many of the next connections break before anything is answered. */
  breaks = 0;

  get host(): string {
    return `unix://${path.join(this.#directory, 'docker.sock')}`;
  }

  async open(): Promise<this> {
    this.#directory ||= await mkdtemp(path.join(tmpdir(), 'gymsmith-engine-'));
    this.#server = net.createServer({ allowHalfOpen: true }, (client) => this.#pass(client));
    await new Promise<void>((resolve) => this.#server!.listen(this.host.slice('unix://'.length), resolve));
    return this;
  }

  /** Ends every connection and takes no new one. */
  async goAway(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server?.close(resolve));
    this.#server = null;
  }

  async close(): Promise<void> {
    if (this.#server !== null) await this.goAway();
    await rm(this.#directory, { recursive: true, force: true });
  }

  #pass(client: net.Socket): void {
    if (this.breaks > 0) {
      this.breaks--;
      client.destroy();
      return;
    }
    const engine = net.connect({ path: ENGINE_SOCKET, allowHalfOpen: true });
    for (const [from, to] of [
      [client, engine],
      [engine, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
  }
}
