import { pino } from 'pino';
import type { Dial } from '../../src/client/dial.js';
import { type Channel, type Codec, channelPair, jsonCodec, msgpackCodec } from '../../src/protocol/index.js';
import { Dispatcher } from '../../src/server/dispatcher.js';
import { DEFAULT_LIMITS, type ServerLimits } from '../../src/server/limits.js';
import { NativeConnection } from '../../src/server/native-connection.js';
import { Sessions } from '../../src/server/sessions.js';
import { ToyGym } from './toy-gym.js';

/** The real server of the native profile over in-memory channels, with toy envs. */
export class LocalServer {
  readonly gym = new ToyGym();
  readonly sessions: Sessions;
  /** The client's end of every channel so far, newest last. */
  readonly channels: Channel[] = [];
  readonly #limits: ServerLimits;
  readonly #log = pino({ level: 'silent' });

  constructor(limits: Partial<ServerLimits> = {}) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.sessions = new Sessions({ catalogue: this.gym, limits: this.#limits, log: this.#log });
  }

  /** Opens channels to this server. */
  dial(encoding: Codec['encoding'] = 'msgpack'): Dial {
    const codec = encoding === 'json' ? jsonCodec : msgpackCodec;
    return async () => {
      const [client, server] = channelPair();
      this.channels.push(client);
      this.accept(server, codec);
      return { channel: client, codec };
    };
  }

  /** Serves the native profile on a channel. */
  accept(channel: Channel, codec: Codec): void {
    const dispatcher = new Dispatcher(this.gym, this.#log);
    new NativeConnection(channel, codec, { dispatcher, sessions: this.sessions, limits: this.#limits, log: this.#log });
  }

  /** Breaks the newest channel without a word to either side's program. */
  cut(): void {
    this.channels.at(-1)?.close(1006, 'cut');
  }

  stop(): Promise<void> {
    return this.sessions.closeAll();
  }
}
