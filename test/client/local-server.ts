import { pino } from 'pino';
import type { Dial } from '../../src/client/dial.js';
import { type Channel, type Codec, channelPair, jsonCodec, msgpackCodec } from '../../src/protocol/index.js';
import { type AppOptions, createApp, type ServerApp } from '../../src/server/app.js';
import { ToyGym } from './toy-gym.js';

/** The real server with toy envs; its native profile over in-memory channels. */
export class LocalServer {
  readonly gym = new ToyGym();
  readonly app: ServerApp;
  /** The client's end of every channel so far, newest last. */
  readonly channels: Channel[] = [];

  constructor(options: Partial<AppOptions> = {}) {
    this.app = createApp({ catalogue: this.gym, log: pino({ level: 'silent' }), ...options });
  }

  /** Opens channels to this server. */
  dial(encoding: Codec['encoding'] = 'msgpack'): Dial {
    const codec = encoding === 'json' ? jsonCodec : msgpackCodec;
    return async () => {
      const [client, server] = channelPair();
      this.channels.push(client);
      this.app.acceptNative(server, codec);
      return { channel: client, codec };
    };
  }

  /** Breaks the newest channel without a word to either side's program. */
  cut(): void {
    this.channels.at(-1)?.close(1006, 'cut');
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}
