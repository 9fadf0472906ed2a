import type { Logger } from 'pino';
import type { Auth } from './auth.js';
import type { Dispatcher } from './dispatcher.js';
import type { EnvCatalogue } from './env-catalogue.js';
import type { ServerLimits } from './limits.js';
import type { ServerMetrics } from './metrics.js';
import type { OpenEnvSessions } from './openenv/openenv-sessions.js';
import type { Sessions } from './sessions/sessions.js';

/** A connection as the server ends it. */
export interface OpenConnection {
  close(): void;
}

/** What the routes and sockets of one server share. */
export interface ServerContext {
  readonly catalogue: EnvCatalogue;
  readonly limits: ServerLimits;
  readonly log: Logger;
  readonly auth: Auth;
  readonly metrics: ServerMetrics;
  readonly sessions: Sessions;
  readonly openEnvSessions: OpenEnvSessions;
  readonly dispatcher: Dispatcher;
  readonly onFrame: (direction: 'in' | 'out', sizeBytes: number) => void;
  /** Open connections by profile. */
  readonly connections: Map<OpenConnection, 'native' | 'openenv' | 'mcp'>;
  readonly startedAt: Date;
}
