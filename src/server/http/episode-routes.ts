import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { EpisodeState, RpcError, WireError } from '../../protocol/index.js';
import type { ServerContext } from '../server-context.js';
import type { Session } from '../sessions/session.js';

const Listed = EpisodeState.extend({
  session: z.string().describe('short name of the session that owns the episode'),
  profile: z.enum(['native', 'openenv', 'mcp']),
});

const params = z.object({ id: z.string().min(1).max(255) });
const missing = {
  description: 'No such episode',
  content: { 'application/json': { schema: z.object({ detail: z.string(), error: WireError }) } },
};

const list = createRoute({
  method: 'get',
  path: '/v1/episodes',
  tags: ['Episodes'],
  summary: 'Episodes of all sessions, with those that ended a short while ago',
  responses: {
    200: {
      description: 'Episodes',
      content: { 'application/json': { schema: z.object({ episodes: z.array(Listed) }) } },
    },
  },
});

const show = createRoute({
  method: 'get',
  path: '/v1/episodes/{id}',
  tags: ['Episodes'],
  summary: 'One episode',
  request: { params },
  responses: { 200: { description: 'Its state', content: { 'application/json': { schema: Listed } } }, 404: missing },
});

const end = createRoute({
  method: 'delete',
  path: '/v1/episodes/{id}',
  tags: ['Episodes'],
  summary: 'End an episode',
  request: { params },
  responses: {
    200: { description: 'It ended', content: { 'application/json': { schema: z.object({ closed: z.boolean() }) } } },
    404: missing,
  },
});

/** Adds the episodes of all sessions, for operators. */
export function addEpisodeRoutes(app: OpenAPIHono, { sessions }: ServerContext): void {
  const listed = (): z.infer<typeof Listed>[] =>
    [...sessions].flatMap((session) => session.episodes.states().map((state) => ({ ...state, ...ownerOf(session) })));
  const find = (id: string): { session: Session; state: EpisodeState } => {
    for (const session of sessions) {
      const state = session.episodes.states().find(({ episode_id }) => episode_id === id);
      if (state) return { session, state };
    }
    throw new RpcError('unknown_episode', `There is no episode ${id}.`);
  };
  app.openapi(list, (c) => c.json({ episodes: listed() }, 200));
  app.openapi(show, (c) => {
    const { session, state } = find(c.req.valid('param').id);
    return c.json({ ...state, ...ownerOf(session) }, 200);
  });
  app.openapi(end, async (c) => {
    const { id } = c.req.valid('param');
    return c.json({ closed: await find(id).session.episodes.close(id) }, 200);
  });
}

function ownerOf({ id, profile }: Session) {
  return { session: id.slice(0, 12), profile };
}
