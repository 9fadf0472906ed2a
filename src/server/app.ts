import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import type { Logger } from 'pino';
import type { Channel } from '../protocol/index.js';
import type { Acceptors } from './acceptors.js';
import { Auth, isLoopbackHost } from './auth.js';
import { Dispatcher } from './dispatcher.js';
import type { EnvCatalogue } from './env-catalogue.js';
import { addEpisodeRoutes } from './http/episode-routes.js';
import { invalidRequest, toResponse } from './http/errors.js';
import { addMcpRoute } from './http/mcp-route.js';
import { addOpenEnvRoutes } from './http/openenv-routes.js';
import { addPages } from './http/pages.js';
import { addTaskRoutes } from './http/task-routes.js';
import { addTaskSplitRoutes } from './http/task-split-routes.js';
import { DEFAULT_LIMITS, type ServerLimits } from './limits.js';
import { McpConnection } from './mcp/mcp-connection.js';
import { ServerMetrics } from './metrics.js';
import { NativeConnection } from './native/native-connection.js';
import { OpenEnvConnection } from './openenv/openenv-connection.js';
import { OpenEnvSessions } from './openenv/openenv-sessions.js';
import type { OpenConnection, ServerContext } from './server-context.js';
import type { SessionStore } from './sessions/session-store.js';
import { Sessions } from './sessions/sessions.js';
import { addSockets } from './sockets.js';

export interface AppOptions {
  catalogue: EnvCatalogue;
  log: Logger;
  /** Address that the server is to listen on; loopback addresses get stricter origin checks. Default 127.0.0.1. */
  host?: string;
  token?: string | undefined;
  origins?: readonly string[];
  limits?: Partial<ServerLimits>;
  /** Where sessions outlive the process; without it they do not. */
  store?: SessionStore;
  /** Task of a reset that names none. */
  defaultTask?: string;
  metrics?: ServerMetrics;
}

/** A server that does not listen: its HTTP handler, and the profiles over any channel. */
export interface ServerApp extends Acceptors {
  fetch: OpenAPIHono['fetch'];
  /** Asks a route without a socket. */
  request: OpenAPIHono['request'];
  context: ServerContext;
  /** Takes up the sessions of an earlier process; requests that come meanwhile wait. Called once, first. @returns how many */
  restore(): Promise<number>;
  /** Takes no new episodes, waits for running requests up to a limit, then closes. */
  drain(limitMs?: number): Promise<void>;
  /** Ends all sessions and connections. Idempotent, never rejects. */
  close(): Promise<void>;
}

/** What is open to everybody: a probe knows no token. */
const HEALTH_PATH = /^(\/env\/[^/]+\/[^/]+)?\/health$/;

/** Builds a server: no listening, no globals. */
export function createApp(options: AppOptions): ServerApp {
  const context = buildContext(options);
  const { sessions, limits } = context;
  const accept = (profile: 'native' | 'openenv' | 'mcp', channel: Channel, open: () => OpenConnection): void => {
    const connection = open();
    context.connections.set(connection, profile);
    const { onClose } = channel;
    channel.onClose = (code, reason) => {
      context.connections.delete(connection);
      onClose?.(code, reason);
    };
  };
  const acceptors: Acceptors = {
    acceptNative: (channel, codec) => accept('native', channel, () => new NativeConnection(channel, codec, context)),
    acceptOpenEnv: (channel, address) =>
      accept('openenv', channel, () => new OpenEnvConnection(channel, context, address)),
    acceptMcp: (channel, address) => accept('mcp', channel, () => new McpConnection(channel, context, address)),
  };
  let restoring: Promise<number> | null = null;
  const app = buildRoutes(context, acceptors, () => restoring);
  const closeConnections = (): void => {
    for (const connection of context.connections.keys()) connection.close();
  };
  return {
    fetch: app.fetch,
    request: app.request,
    context,
    ...acceptors,
    async restore() {
      restoring = sessions.restore();
      const count = await restoring;
      restoring = null;
      return count;
    },
    async drain(limitMs = limits.drainMs) {
      await sessions.drain(limitMs);
      closeConnections();
    },
    async close() {
      const closing = sessions.closeAll();
      closeConnections();
      await closing;
    },
  };
}

function buildContext(options: AppOptions): ServerContext {
  const { catalogue, log, host = '127.0.0.1', token, origins = [], store, metrics = new ServerMetrics() } = options;
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { onEpisodeEnded, onFrame, onCall } = metrics;
  const sessions = new Sessions({ catalogue, limits, log, onEpisodeEnded, ...(store && { store }) });
  const dispatcher = new Dispatcher(catalogue, log, onCall);
  const openEnvSessions = new OpenEnvSessions(sessions, catalogue, { dispatcher, limits }, options.defaultTask);
  const connections: ServerContext['connections'] = new Map();
  metrics.addGauge(
    'gymsmith_sessions',
    'Sessions, with a connection or without',
    () => {
      const { attached, size } = sessions;
      return { attached, detached: size - attached };
    },
    'state',
  );
  metrics.addGauge('gymsmith_live_episodes', 'Live episodes', () => sessions.episodeCapacity.used);
  metrics.addGauge(
    'gymsmith_connections',
    'Open WebSockets',
    () => {
      const counts = { native: 0, openenv: 0, mcp: 0 };
      for (const profile of connections.values()) counts[profile] += 1;
      return counts;
    },
    'profile',
  );
  return {
    catalogue,
    limits,
    log,
    auth: new Auth({ token, origins, isLoopback: isLoopbackHost(host) }),
    metrics,
    sessions,
    openEnvSessions,
    dispatcher,
    onFrame,
    connections,
    startedAt: new Date(),
  };
}

function buildRoutes(
  context: ServerContext,
  acceptors: Acceptors,
  restoring: () => Promise<number> | null,
): OpenAPIHono {
  const app = new OpenAPIHono({ defaultHook: invalidRequest });
  app.onError((error, c) => toResponse(error, c, context.log));
  app.notFound((c) => c.json({ detail: 'Not Found' }, 404));
  app.use(
    cors({
      origin: (origin) => (context.auth.allowsOrigin(origin) ? origin : null),
      exposeHeaders: ['Mcp-Session-Id'],
    }),
  );
  app.use(async (c, next) => {
    if (!(c.req.method === 'GET' && HEALTH_PATH.test(c.req.path))) {
      context.auth.check(c.req.raw);
      await restoring();
    }
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: context.limits.maxFrameBytes,
      onError: (c) => c.json({ detail: `A body has at most ${context.limits.maxFrameBytes} bytes.` }, 413),
    }),
  );
  addSockets(app, context, acceptors);
  addOpenEnvRoutes(app, context);
  addMcpRoute(app, context);
  addTaskRoutes(app, context);
  addTaskSplitRoutes(app, context);
  addEpisodeRoutes(app, context);
  addPages(app, context);
  return app;
}
