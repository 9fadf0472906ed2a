import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { LONGEST_TIMER_MS } from '../longest-timer.js';
import { SandboxError, type SandboxErrorCode } from '../sandbox.js';
import { ConnectionDropped, EnvdConnection, EnvdRefusal, type OutputListener } from './envd-connection.js';
import type { EnvdFrame, EnvdHeader } from './envd-frame.js';

const CONNECT_DEADLINE_MS = 10_000;
const FIRST_RETRY_MS = 10;
const LAST_RETRY_MS = 1000;
/** A request that ends this many connections is at fault itself. */
const MOST_SENDS = 4;

/** How a backend reaches one sandbox. */
export interface EnvdTransport {
  /** Opens a byte stream to the daemon. */
  connect(signal: AbortSignal): Promise<Duplex>;
  /** Why the sandbox is gone for good; null while it is there, or when that cannot be told now. */
  whyGone(): Promise<string | null>;
  /** Removes the sandbox and all that it left. */
  destroy(): Promise<void>;
  /** How long a sandbox that is there may be out of reach before it counts as lost. */
  readonly reachableWithinMs: number;
}

export interface LinkRequest {
  deadlineMs: number;
  body?: Uint8Array;
  /** Whether the request may be sent again when the connection dropped before its reply came. */
  repeatable?: boolean;
  /** Gets the output events of a command while the request is pending. */
  output?: { commandId: string; listener: OutputListener };
}

const REFUSALS: Record<string, SandboxErrorCode> = {
  busy: 'busy',
  unknown_command: 'unknown_command',
  no_such_file: 'no_such_file',
  not_a_file: 'not_a_file',
  too_large: 'too_large',
  forbidden_path: 'forbidden_path',
  io_error: 'io_error',
  internal: 'io_error',
};

/** The way to one daemon, taken up again whenever a connection drops, until the daemon is gone for good. */
export class EnvdLink {
  /** Resolves with the reason when the daemon is gone or the link was ended. */
  readonly lost: Promise<string>;

  readonly #transport: EnvdTransport;
  readonly #ending = new AbortController();
  #settleLost!: (reason: string) => void;
  #failure: SandboxError | null = null;
  #connection: EnvdConnection;
  #reconnecting: Promise<EnvdConnection> | null = null;

  private constructor(transport: EnvdTransport, connection: EnvdConnection) {
    this.#transport = transport;
    this.#connection = connection;
    this.lost = new Promise((resolve) => {
      this.#settleLost = resolve;
    });
    this.#watch(connection);
  }

  /**
   * @param first a stream that is open already
   * @throws SandboxError, ConnectionDropped, or what the transport throws
   */
  static async open(transport: EnvdTransport, signal: AbortSignal, first?: Duplex): Promise<EnvdLink> {
    const connection = first === undefined ? connect(transport, signal) : EnvdConnection.open(first);
    return new EnvdLink(transport, await connection);
  }

  /** What the daemon said when the link was last connected. */
  get welcome(): EnvdConnection['welcome'] {
    return this.#connection.welcome;
  }

  /**
   * Sends a request over the present connection, or the next one.
   * @throws SandboxError
   */
  async request(fields: EnvdHeader, options: LinkRequest): Promise<EnvdFrame> {
    const until = performance.now() + options.deadlineMs;
    const { output } = options;
    for (let sends = 1; ; sends++) {
      const connection = this.#connection.isOpen ? this.#connection : await this.#nextConnection(until, fields);
      if (this.#failure !== null) throw this.#failure;
      const unlisten = output && connection.listen(output.commandId, output.listener);
      try {
        return await connection.request(fields, Math.max(1, until - performance.now()), options.body);
      } catch (error) {
        if (error instanceof EnvdRefusal) {
          throw new SandboxError(REFUSALS[error.code] ?? 'protocol', error.message, { cause: error });
        }
        if (!(error instanceof ConnectionDropped)) throw error;
        if (this.#failure !== null) throw this.#failure;
        if (options.repeatable === false || sends === MOST_SENDS) {
          throw new SandboxError(
            'io_error',
            `the connection dropped during "${String(fields.op)}": its outcome is unknown`,
            {
              cause: error,
            },
          );
        }
      } finally {
        unlisten?.();
      }
    }
  }

  /** Sends a request whose reply nobody needs, if there is a connection. */
  tell(fields: EnvdHeader): void {
    if (this.#connection.isOpen) this.#connection.request(fields, CONNECT_DEADLINE_MS).catch(() => {});
  }

  /** Ends the link for good: pending and later requests reject with `code` and `reason`. Idempotent. */
  end(code: 'lost' | 'unavailable', reason: string): void {
    if (this.#failure !== null) return;
    this.#failure = new SandboxError(code, reason);
    this.#ending.abort();
    this.#connection.close();
    if (code === 'lost') this.#settleLost(reason);
  }

  /** Drops the present connection; the link takes up the next one by itself. */
  drop(): void {
    this.#connection.close();
  }

  #watch(connection: EnvdConnection): void {
    void connection.closed.then(() => {
      if (this.#failure !== null) return;
      this.#reconnecting = this.#reconnect();
      // The outcome is in `#failure`; whoever has a request pending learns it from there.
      this.#reconnecting.catch(() => {});
    });
  }

  async #nextConnection(until: number, fields: EnvdHeader): Promise<EnvdConnection> {
    // `closed` tells its waiters in a microtask: the attempt may not have begun yet.
    await this.#connection.closed;
    if (this.#failure !== null) throw this.#failure;
    if (this.#reconnecting === null) return this.#connection;
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      const late = new SandboxError(
        'deadline',
        `the sandbox was out of reach for the whole time of "${String(fields.op)}"`,
      );
      const leftMs = Math.max(1, until - performance.now());
      timer = setTimeout(() => reject(late), Math.min(leftMs, LONGEST_TIMER_MS));
    });
    try {
      return await Promise.race([this.#reconnecting, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #reconnect(): Promise<EnvdConnection> {
    const { instance } = this.#connection.welcome;
    const until = performance.now() + this.#transport.reachableWithinMs;
    for (let wait = FIRST_RETRY_MS; ; wait = Math.min(2 * wait, LAST_RETRY_MS)) {
      try {
        const connection = await connect(this.#transport, this.#ending.signal);
        if (connection.welcome.instance !== instance) {
          connection.close();
          throw this.#lose('the daemon was replaced by another one');
        }
        if (this.#failure !== null) {
          connection.close();
          throw this.#failure;
        }
        this.#connection = connection;
        this.#reconnecting = null;
        this.#watch(connection);
        return connection;
      } catch (error) {
        if (this.#failure !== null) throw this.#failure;
        if (error instanceof SandboxError && error.code === 'lost') throw this.#lose(error.message);
        const gone = await this.#transport.whyGone().catch(() => null);
        if (gone !== null) throw this.#lose(gone);
        if (performance.now() >= until) {
          throw this.#lose(`the daemon does not answer any more: ${error instanceof Error ? error.message : error}`);
        }
        await delay(wait, undefined, { signal: this.#ending.signal }).catch(() => {});
        if (this.#failure !== null) throw this.#failure;
      }
    }
  }

  #lose(reason: string): SandboxError {
    this.end('lost', reason);
    return this.#failure!;
  }
}

async function connect(transport: EnvdTransport, signal: AbortSignal): Promise<EnvdConnection> {
  const stream = await transport.connect(AbortSignal.any([signal, AbortSignal.timeout(CONNECT_DEADLINE_MS)]));
  return EnvdConnection.open(stream);
}
