import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';

export interface Frame {
  // biome-ignore lint/suspicious/noExplicitAny: replies are looked at field by field
  header: Record<string, any>;
  body: Buffer;
}

/** Speaks the daemon's frames and knows nothing of what they mean. */
export class RawClient {
  readonly events: Frame[] = [];
  readonly closed: Promise<void>;
  #nextId = 1;
  #buffer = Buffer.alloc(0);
  #onEvent: (() => void) | null = null;
  readonly #waiting = new Map<number, (frame: Frame) => void>();

  private constructor(readonly socket: Socket) {
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => {});
    socket.on('data', (data) => this.#receive(data));
  }

  static async connect(path: string): Promise<RawClient> {
    const socket = createConnection(path);
    await once(socket, 'connect');
    const client = new RawClient(socket);
    await client.event('welcome');
    return client;
  }

  /** Sends a request; resolves with its reply, whatever it says. */
  request(op: string, fields: Record<string, unknown> = {}, body: Uint8Array = Buffer.alloc(0)): Promise<Frame> {
    const id = this.#nextId++;
    const reply = new Promise<Frame>((resolve) => this.#waiting.set(id, resolve));
    this.send({ id, op, ...fields }, body);
    return reply;
  }

  send(header: unknown, body: Uint8Array = Buffer.alloc(0)): void {
    const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32BE(text.length, 0);
    prefix.writeUInt32BE(body.length, 4);
    this.socket.write(Buffer.concat([prefix, text, body]));
  }

  /** The first event of that name that has come or will come; `matches` chooses among several. */
  async event(name: string, matches: (frame: Frame) => boolean = () => true): Promise<Frame> {
    for (;;) {
      const found = this.events.find((frame) => frame.header.event === name && matches(frame));
      if (found) return found;
      await new Promise<void>((resolve) => {
        this.#onEvent = resolve;
      });
    }
  }

  close(): void {
    this.socket.destroy();
  }

  #receive(data: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    while (this.#buffer.length >= 8) {
      const headerEnd = 8 + this.#buffer.readUInt32BE(0);
      const end = headerEnd + this.#buffer.readUInt32BE(4);
      if (this.#buffer.length < end) return;
      const header = JSON.parse(this.#buffer.toString('utf8', 8, headerEnd));
      const frame = { header, body: Buffer.from(this.#buffer.subarray(headerEnd, end)) };
      this.#buffer = this.#buffer.subarray(end);
      if (header.event === undefined) {
        this.#waiting.get(header.id)?.(frame);
        this.#waiting.delete(header.id);
      } else {
        this.events.push(frame);
        this.#onEvent?.();
      }
    }
  }
}
