import { pino } from 'pino';
import { type AppOptions, createApp, type ServerApp } from '../server/app.js';
import { listen } from '../server/listen.js';
import { EchoCatalogue } from './echo-catalogue.js';

/** A whole server on a free port of this machine, over envs that need no sandbox. */
export class TestServer implements AsyncDisposable {
  private constructor(
    readonly app: ServerApp,
    /** Where clients connect to: `http://127.0.0.1:port`. */
    readonly url: string,
    private readonly close: () => Promise<void>,
  ) {}

  /** @param options as of `createApp`; by default one task, `bench/echo-v1`, and no log */
  static async start(options: Partial<AppOptions> = {}): Promise<TestServer> {
    const app = createApp({ catalogue: new EchoCatalogue(), log: pino({ level: 'silent' }), ...options });
    const listening = await listen(app, '127.0.0.1', 0);
    return new TestServer(app, listening.url, async () => {
      await app.close();
      await listening.close();
    });
  }

  /** Ends everything. Idempotent. */
  stop(): Promise<void> {
    return this.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}
