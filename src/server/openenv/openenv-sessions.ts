import { RpcError } from '../../protocol/index.js';
import type { EnvCatalogue } from '../env-catalogue.js';
import type { Session } from '../sessions/session.js';
import type { Sessions } from '../sessions/sessions.js';
import { type OpenEnvHost, OpenEnvSession } from './openenv-session.js';

/** How many tasks an error names. */
const MAX_NAMED_TASKS = 5;

/** The sessions with one episode at a time: those of OpenEnv sockets and of MCP. */
export class OpenEnvSessions {
  private readonly known = new WeakMap<Session, OpenEnvSession>();
  private readonly host: OpenEnvHost;

  constructor(
    readonly sessions: Sessions,
    private readonly catalogue: EnvCatalogue,
    host: Pick<OpenEnvHost, 'dispatcher' | 'limits'>,
    private readonly configuredTask?: string,
  ) {
    this.host = {
      ...host,
      defaultTask: () => this.defaultTask(),
      isFull: () => sessions.episodeCapacity.isFull,
    };
  }

  /** @throws RpcError `capacity_reached` or `draining` */
  open(profile: 'openenv' | 'mcp', pinnedTask?: string | null): OpenEnvSession {
    const opened = new OpenEnvSession(this.sessions.open(profile), this.host, pinnedTask ?? null);
    this.known.set(opened.session, opened);
    if (profile === 'mcp') this.touch(opened);
    return opened;
  }

  /** @returns the session that `open('mcp')` made and whose id is its token; null when there is none */
  find(token: string): OpenEnvSession | null {
    const session = this.sessions.find(token);
    return session?.profile === 'mcp' ? this.wrap(session) : null;
  }

  /** @returns the session whose current episode has this id; one without a connection first */
  findEpisode(episodeId: string): OpenEnvSession | null {
    let attached: OpenEnvSession | null = null;
    for (const session of this.sessions) {
      if (session.profile === 'native') continue;
      const candidate = this.wrap(session);
      if (candidate.episodeId !== episodeId) continue;
      if (!candidate.isAttached) return candidate;
      attached = candidate;
    }
    return attached;
  }

  /** A session without a connection was used: its time starts again. */
  touch({ session }: OpenEnvSession): void {
    this.sessions.expire(session, this.host.limits.mcpIdleMs);
  }

  /** Ends a session. Idempotent, never rejects. */
  async close(closed: OpenEnvSession): Promise<void> {
    closed.abort();
    await this.sessions.close(closed.session);
  }

  /** @throws RpcError `unknown_task` when a reset has to name its task */
  defaultTask(): string {
    if (this.configuredTask !== undefined) return this.configuredTask;
    const tasks = this.catalogue.list();
    const [only] = tasks;
    if (only && tasks.length === 1) return only.task;
    const some = tasks.slice(0, MAX_NAMED_TASKS).map(({ task }) => task);
    const which =
      tasks.length === 0 ? 'The server has none.' : `There are ${tasks.length}, for example ${some.join(', ')}.`;
    throw new RpcError(
      'unknown_task',
      `Name a task: reset(task="..."), or connect to /env/<namespace>/<name>. ${which}`,
    );
  }

  private wrap(session: Session): OpenEnvSession {
    const known = this.known.get(session);
    if (known) return known;
    const taken = new OpenEnvSession(session, this.host);
    this.known.set(session, taken);
    return taken;
  }
}
