import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

interface Pipe {
  client: Socket;
  server: Socket;
}

/** A TCP proxy that does to connections what networks do: cuts, stalls, half-closes, throttles, refuses. */
export class FlakyProxy implements AsyncDisposable {
  /** Connections that were let through so far. */
  accepted = 0;
  #pipes = new Set<Pipe>();
  #stalled: Promise<void> | null = null;
  #resume: () => void = () => {};
  #bytesPerSecond = Number.POSITIVE_INFINITY;
  #refusing = false;
  #replyBytesLeft = Number.POSITIVE_INFINITY;

  private constructor(
    private readonly listener: Server,
    private readonly target: { host: string; port: number },
  ) {
    listener.on('connection', (client) => this.#accept(client));
  }

  /** @param target where connections go to, which may come up later */
  static async listen(target: { host?: string; port: number }): Promise<FlakyProxy> {
    const listener = createServer({ allowHalfOpen: true, noDelay: true });
    const proxy = new FlakyProxy(listener, { host: '127.0.0.1', ...target });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  get liveConnections(): number {
    return this.#pipes.size;
  }

  /** Breaks every connection in both directions, as a dead link does: no close frame, no end. */
  cut(): void {
    for (const pipe of [...this.#pipes]) this.#destroy(pipe);
  }

  /** Breaks every connection after so many more bytes from the server, be it in the middle of a frame. */
  cutAfterReplyBytes(bytes: number): void {
    this.#replyBytesLeft = bytes;
  }

  /** Refuses new connections until told otherwise. */
  refuse(on: boolean): void {
    this.#refusing = on;
  }

  /** Keeps connections open and forwards nothing until `resume`. */
  stall(): void {
    if (this.#stalled !== null) return;
    this.#stalled = new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#stalled = null;
    this.#resume();
  }

  /** Ends the stream towards one side and goes on reading from it. */
  halfClose(towards: 'client' | 'server'): void {
    for (const pipe of this.#pipes) pipe[towards].end();
  }

  /** Limits each direction of each connection. */
  throttle(bytesPerSecond: number): void {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Ends everything. Idempotent. */
  async close(): Promise<void> {
    this.resume();
    this.cut();
    if (!this.listener.listening) return;
    this.listener.close();
    await once(this.listener, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      client.destroy();
      return;
    }
    this.accepted++;
    const server = connect({ ...this.target, allowHalfOpen: true, noDelay: true });
    const pipe = { client, server };
    this.#pipes.add(pipe);
    void this.#pump(pipe, client, server);
    void this.#pump(pipe, server, client);
  }

  async #pump(pipe: Pipe, from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        for (let offset = 0; offset < chunk.length; offset += 4096) {
          if (this.#stalled !== null) await this.#stalled;
          const slice = this.#allowed(pipe, from, chunk.subarray(offset, offset + 4096));
          if (!to.write(slice)) await once(to, 'drain');
          if (slice.length < Math.min(4096, chunk.length - offset)) throw new Error('cut');
          if (this.#bytesPerSecond < Number.POSITIVE_INFINITY)
            await sleep((slice.length * 1000) / this.#bytesPerSecond);
        }
      }
      to.end();
      if (to.readableEnded) this.#pipes.delete(pipe);
    } catch {
      this.#destroy(pipe);
    }
  }

  #allowed(pipe: Pipe, from: Socket, slice: Buffer): Buffer {
    if (from !== pipe.server) return slice;
    const part = slice.subarray(0, this.#replyBytesLeft);
    this.#replyBytesLeft -= part.length;
    if (part.length < slice.length) this.#replyBytesLeft = Number.POSITIVE_INFINITY;
    return part;
  }

  #destroy(pipe: Pipe): void {
    this.#pipes.delete(pipe);
    pipe.client.destroy();
    pipe.server.destroy();
  }
}
