import path from 'node:path';
import type { Logger } from 'pino';
import type { Config } from '../config.js';
import { log as processLog } from '../log.js';
import { createApp, type ServerApp } from './app.js';
import { checkExposure } from './auth.js';
import type { EnvCatalogue } from './env-catalogue.js';
import type { ServerLimits } from './limits.js';
import { listen } from './listen.js';
import type { ServerMetrics } from './metrics.js';
import { FileSessionStore } from './sessions/file-session-store.js';

export interface StartOptions {
  config: Pick<
    Config,
    'host' | 'port' | 'token' | 'origins' | 'allowUnauthenticated' | 'maxSessions' | 'maxEpisodes' | 'stateDir'
  >;
  catalogue: EnvCatalogue;
  /** Task of a reset that names none. */
  defaultTask?: string;
  limits?: Partial<ServerLimits>;
  metrics?: ServerMetrics;
  log?: Logger;
  /**
   * Keep sessions, so that a server on the same address takes them up when this one was killed. Default: when the catalogue can
   * restore envs and the port is a fixed one.
   */
  keepSessions?: boolean;
  /** Called last when the server stops, however it stops: what the catalogue holds is given back there. */
  onClose?: () => Promise<void>;
}

/** A server that runs. */
export interface RunningServer {
  url: string;
  port: number;
  app: ServerApp;
  /** Drains, then closes. A second call ends the waiting. Never rejects. */
  stop(): Promise<void>;
  /** Resolves when the server has stopped. */
  stopped: Promise<void>;
}

/**
 * Starts a server.
 * @throws Error when it would be open to everybody, or the address cannot be had
 */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { config, catalogue, log = processLog, onClose = async () => {} } = options;
  checkExposure(config.host, config.token, config.allowUnauthenticated);
  const keepSessions = options.keepSessions ?? (catalogue.restore !== undefined && config.port !== 0);
  // By address: two servers must never take up each other's sessions, and only one can have an address.
  const sessionsDir = path.join(config.stateDir, 'sessions', `${config.host}-${config.port}`.replace(/[^\w.-]/g, '_'));
  const app = createApp({
    catalogue,
    log,
    host: config.host,
    token: config.token,
    origins: config.origins,
    limits: { ...options.limits, maxSessions: config.maxSessions, maxEpisodes: config.maxEpisodes },
    ...(keepSessions && { store: new FileSessionStore(sessionsDir) }),
    ...(options.defaultTask !== undefined && { defaultTask: options.defaultTask }),
    ...(options.metrics && { metrics: options.metrics }),
  });
  const listening = await listen(app, config.host, config.port);
  // Not before the address is ours: another server might still be alive there. Requests wait meanwhile.
  const restored = await app.restore();
  log.info({ url: listening.url, sessions: restored }, 'listening');

  let stopping: Promise<void> | null = null;
  let resolveStopped!: () => void;
  const stopped = new Promise<void>((resolve) => {
    resolveStopped = resolve;
  });
  const stop = (): Promise<void> => {
    if (stopping !== null) {
      void app.close();
      return stopping;
    }
    listening.stopAccepting();
    stopping = (async () => {
      await app.drain();
      await listening.close();
      await onClose();
    })()
      .catch((error: unknown) => log.error({ err: error }, 'the server did not stop cleanly'))
      .finally(resolveStopped);
    return stopping;
  };
  return { url: listening.url, port: listening.port, app, stop, stopped };
}

/** Stops the server at SIGTERM, SIGINT or SIGHUP; a second signal ends the process at once. Resolves when it has stopped. */
export async function untilSignal(server: RunningServer): Promise<void> {
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    void server.stop();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  process.on('SIGHUP', onSignal);
  await server.stopped;
  process.off('SIGTERM', onSignal);
  process.off('SIGINT', onSignal);
  process.off('SIGHUP', onSignal);
}
