import type { Duplex } from 'node:stream';
import { LONGEST_TIMER_MS } from '../longest-timer.js';
import { SandboxError } from '../sandbox.js';
import { ENVD_WIRE, type EnvdFrame, type EnvdHeader, encodeFrame, FrameError, FrameParser } from './envd-frame.js';

/** Time that the daemon has to say welcome. */
const WELCOME_DEADLINE_MS = 10_000;

const EMPTY = new Uint8Array(0);

/** First frame of every connection. */
export interface EnvdWelcome {
  /** Random per daemon process: a different one means that shell and results are gone. */
  instance: string;
  agentUid: number;
  startedAtMs: number;
  commands: { command_id: string; state: 'running' | 'finished' }[];
}

/** The connection ended before the answer came: whether the request was carried out is not known. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
}

/** The daemon refused a request, in its own words. */
export class EnvdRefusal extends Error {
  override readonly name = 'EnvdRefusal';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export type OutputListener = (chunk: Uint8Array, offset: number) => void;

interface Pending {
  resolve: (frame: EnvdFrame) => void;
  reject: (error: Error) => void;
  timer: NodeJS.Timeout;
}

/** One connection to the daemon of a sandbox: frames, requests and their replies, output events. */
export class EnvdConnection {
  readonly welcome: EnvdWelcome;
  /** Resolves with the reason when the connection has ended. */
  readonly closed: Promise<Error>;

  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners = new Map<string, OutputListener>();
  #nextId = 1;
  #ended: Error | null = null;
  #drained: Promise<void> | null = null;

  private constructor(stream: Duplex, parser: FrameParser, welcome: EnvdWelcome) {
    this.#stream = stream;
    this.welcome = welcome;
    this.closed = new Promise((resolve) => {
      const end = (error: Error): void => {
        this.#end(error);
        resolve(error);
      };
      stream.removeAllListeners('data');
      stream.on('data', (chunk: Buffer) => {
        try {
          parser.push(chunk, (frame) => this.#receive(frame));
        } catch (error) {
          end(error as Error);
          stream.destroy();
        }
      });
      stream.on('error', (error) => end(new ConnectionDropped(error.message, { cause: error })));
      stream.on('end', () => end(new ConnectionDropped('the daemon closed the connection')));
      stream.on('close', () => end(new ConnectionDropped('the connection closed')));
    });
  }

  /**
   * Waits for the daemon's welcome on a fresh stream, which the connection owns from then on.
   * @throws ConnectionDropped when the stream ends first; SandboxError `protocol`, `deadline`
   */
  static async open(stream: Duplex, deadlineMs = WELCOME_DEADLINE_MS): Promise<EnvdConnection> {
    const parser = new FrameParser();
    try {
      const early: EnvdFrame[] = [];
      const welcome = await new Promise<EnvdWelcome>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new SandboxError('deadline', `the daemon said nothing for ${deadlineMs} ms`)),
          deadlineMs,
        );
        const drop = (why: string): void => {
          clearTimeout(timer);
          reject(new ConnectionDropped(why));
        };
        stream.once('error', (error) => drop(error.message));
        stream.once('end', () => drop('the stream ended before the welcome'));
        stream.once('close', () => drop('the stream closed before the welcome'));
        stream.on('data', (chunk: Buffer) => {
          try {
            parser.push(chunk, (frame) => early.push(frame));
          } catch (error) {
            clearTimeout(timer);
            reject(new SandboxError('protocol', (error as Error).message, { cause: error }));
          }
          if (early.length === 0) return;
          clearTimeout(timer);
          stream.pause();
          try {
            resolve(readWelcome(early[0]!.header));
          } catch (error) {
            reject(error as Error);
          }
        });
      });
      const connection = new EnvdConnection(stream, parser, welcome);
      for (const frame of early.slice(1)) connection.#receive(frame);
      stream.resume();
      return connection;
    } catch (error) {
      stream.once('error', () => {});
      stream.destroy();
      throw error;
    }
  }

  get isOpen(): boolean {
    return this.#ended === null;
  }

  /**
   * Sends a request and waits for its reply.
   * @param fields everything of the header but `id`
   * @param deadlineMs time until the reply; the request itself is not withdrawn then
   * @throws EnvdRefusal, ConnectionDropped, SandboxError `deadline`
   */
  request(fields: EnvdHeader, deadlineMs: number, body: Uint8Array = EMPTY): Promise<EnvdFrame> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const id = this.#nextId++;
    return new Promise<EnvdFrame>((resolve, reject) => {
      const late = (): void => {
        if (!this.#pending.delete(id)) return;
        reject(
          new SandboxError('deadline', `the daemon did not answer "${String(fields.op)}" within ${deadlineMs} ms`),
        );
      };
      // When this process was held up itself, the answer lies unread in the socket: it is read before the immediate.
      const timer = setTimeout(() => setImmediate(late), Math.min(deadlineMs, LONGEST_TIMER_MS));
      this.#pending.set(id, { resolve, reject, timer });
      this.#send(id, fields, body).catch((error: Error) => {
        clearTimeout(timer);
        this.#pending.delete(id);
        reject(new SandboxError('protocol', error.message, { cause: error }));
      });
    });
  }

  /** Calls the listener with the output events of a command until the function that it returns is called. */
  listen(commandId: string, listener: OutputListener): () => void {
    this.#listeners.set(commandId, listener);
    return () => {
      if (this.#listeners.get(commandId) === listener) this.#listeners.delete(commandId);
    };
  }

  /** Ends the connection; pending requests reject with `ConnectionDropped`. Idempotent. */
  close(): void {
    this.#end(new ConnectionDropped('the connection was closed'));
    this.#stream.destroy();
  }

  /** Writes a request when it is its turn, unless nobody waits for its reply by then. */
  async #send(id: number, fields: EnvdHeader, body: Uint8Array): Promise<void> {
    // Every sender waits here, so that the peer's slowness bounds what lies in the socket's buffer.
    while (this.#drained !== null) await this.#drained;
    if (this.#pending.has(id)) this.#write({ id, ...fields }, body);
  }

  #write(header: EnvdHeader, body: Uint8Array): void {
    const pieces = encodeFrame(header, body);
    let flowing = true;
    this.#stream.cork();
    for (const piece of pieces) flowing = this.#stream.write(piece);
    this.#stream.uncork();
    if (flowing || this.#drained !== null) return;
    this.#drained = new Promise((resolve) => {
      const done = (): void => {
        this.#drained = null;
        this.#stream.off('drain', done);
        this.#stream.off('close', done);
        resolve();
      };
      this.#stream.on('drain', done);
      this.#stream.on('close', done);
    });
  }

  #receive(frame: EnvdFrame): void {
    const { header, body } = frame;
    if (header.event === 'output') {
      this.#listeners.get(String(header.command_id))?.(body, Number(header.offset));
      return;
    }
    if (typeof header.id !== 'number') return;
    const pending = this.#pending.get(header.id);
    if (pending === undefined) return;
    this.#pending.delete(header.id);
    clearTimeout(pending.timer);
    if (header.ok === true) {
      pending.resolve(frame);
      return;
    }
    const error = header.error as { code?: unknown; message?: unknown } | undefined;
    pending.reject(new EnvdRefusal(String(error?.code ?? 'internal'), String(error?.message ?? 'no reason given')));
  }

  #end(error: Error): void {
    if (this.#ended !== null) return;
    this.#ended = error instanceof FrameError ? new ConnectionDropped(error.message, { cause: error }) : error;
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(this.#ended);
    }
    this.#pending.clear();
    this.#listeners.clear();
  }
}

function readWelcome(header: EnvdHeader): EnvdWelcome {
  if (header.event !== 'welcome') throw new SandboxError('protocol', 'the daemon did not begin with a welcome');
  if (header.wire !== ENVD_WIRE) {
    throw new SandboxError('protocol', `the daemon speaks wire ${String(header.wire)}, this server ${ENVD_WIRE}`);
  }
  return {
    instance: String(header.instance),
    agentUid: Number(header.agent_uid),
    startedAtMs: Number(header.started_at_ms),
    commands: (header.commands ?? []) as EnvdWelcome['commands'],
  };
}
