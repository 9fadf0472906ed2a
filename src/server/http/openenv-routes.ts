import { type OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { EpisodeState, Info, Observation, ResetParams, RpcError, SOFTWARE } from '../../protocol/index.js';
import { OpenEnvActionSchema, parseOpenEnvAction } from '../openenv/openenv-action.js';
import { isRecord, OpenEnvError, toOpenEnvObservation } from '../openenv/openenv-frames.js';
import type { OpenEnvSession } from '../openenv/openenv-session.js';
import type { ServerContext } from '../server-context.js';
import { TASK_PREFIX, taskOfPath } from '../task-path.js';
import { readJson } from './read-json.js';

const OpenEnvObservationSchema = Observation.extend({
  terminated: z.boolean().describe('the task ended the episode'),
  truncated: z.boolean().describe('a limit ended the episode'),
  info: Info,
}).meta({ title: 'CommandObservation' });

const StateSchema = EpisodeState.partial()
  .extend({ episode_id: z.string().nullable(), step_count: z.int().min(0) })
  .meta({ title: 'EpisodeState' });

const Result = z.object({
  observation: z.record(z.string(), z.unknown()),
  reward: z.number().nullable(),
  done: z.boolean(),
});

const sessionId = z
  .string()
  .optional()
  .describe('session of openenv/session/create; without it the request stands alone');

const json = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });

const DOCUMENTED: RouteConfig[] = [
  {
    method: 'get',
    path: '/health',
    summary: 'Whether the server answers',
    responses: { 200: { description: 'It does', ...json(z.object({ status: z.literal('healthy') })) } },
  },
  {
    method: 'get',
    path: '/metadata',
    summary: 'What this environment is',
    responses: {
      200: {
        description: 'Name, description, version',
        ...json(z.object({ name: z.string(), description: z.string() }).loose()),
      },
    },
  },
  {
    method: 'get',
    path: '/schema',
    summary: 'JSON Schemas of action, observation and state',
    responses: { 200: { description: 'Three schemas', ...json(z.record(z.string(), z.unknown())) } },
  },
  {
    method: 'post',
    path: '/reset',
    summary: 'Start an episode',
    description: 'Without a session the episode ends with the answer: use the WebSocket /ws for whole episodes.',
    request: { body: { required: false, ...json(ResetParams.partial().extend({ session_id: sessionId })) } },
    responses: { 200: { description: 'First observation', ...json(Result) } },
  },
  {
    method: 'post',
    path: '/step',
    summary: 'Act',
    description: 'Without a session a new episode is reset, gets the action, and ends with the answer.',
    request: {
      body: {
        ...json(z.object({ action: OpenEnvActionSchema, timeout_s: z.number().optional(), session_id: sessionId })),
      },
    },
    responses: { 200: { description: 'Observation, reward, done', ...json(Result) } },
  },
  {
    method: 'get',
    path: '/state',
    summary: 'Where the episode of a session stands',
    request: { query: z.object({ session_id: sessionId }) },
    responses: { 200: { description: 'State', ...json(StateSchema) } },
  },
];

/** Adds OpenEnv's HTTP routes, at the root and under the address of each task. */
export function addOpenEnvRoutes(app: OpenAPIHono, context: ServerContext): void {
  for (const route of DOCUMENTED) app.openAPIRegistry.registerPath({ tags: ['OpenEnv'], ...route });
  const schemas = {
    action: z.toJSONSchema(OpenEnvActionSchema, { io: 'input' }),
    observation: z.toJSONSchema(OpenEnvObservationSchema),
    state: z.toJSONSchema(StateSchema),
  };
  for (const prefix of ['', TASK_PREFIX]) {
    app.get(`${prefix}/health`, (c) => c.json({ status: 'healthy' }));
    app.get(`${prefix}/metadata`, (c) => c.json(metadata(c, context)));
    app.get(`${prefix}/schema`, (c) => c.json(schemas));
    app.post(`${prefix}/reset`, async (c) => {
      const { session_id, ...kwargs } = await readJson(c);
      const result = await withSession(c, context, session_id, (session) => session.reset(kwargs));
      return c.json(toOpenEnvObservation(result));
    });
    app.post(`${prefix}/step`, async (c) => {
      const { action, session_id } = await readJson(c);
      if (!isRecord(action)) throw OpenEnvError.invalidField('action', 'Field required', action);
      const parsed = parseOpenEnvAction(action);
      if (parsed.kind !== 'action') throw new RpcError('invalid_action', 'Tools are called at /mcp.');
      const result = await withSession(c, context, session_id, async (session) => {
        if (session.episodeId === null) await session.reset({});
        return session.step(parsed.action);
      });
      return c.json(toOpenEnvObservation(result));
    });
    app.get(`${prefix}/state`, async (c) => {
      const id = c.req.query('session_id');
      if (id === undefined) return c.json({ episode_id: null, step_count: 0 });
      return c.json(await withSession(c, context, id, (session) => session.state()));
    });
  }
}

/** Runs something in the session that the request names, or in one of its own. */
async function withSession<T>(
  c: Context,
  { openEnvSessions }: ServerContext,
  sessionId: unknown,
  run: (session: OpenEnvSession) => Promise<T>,
): Promise<T> {
  if (sessionId !== undefined && sessionId !== null) {
    const named = typeof sessionId === 'string' ? openEnvSessions.find(sessionId) : null;
    if (!named)
      throw new RpcError('unknown_session', 'There is no such session. Make one with openenv/session/create at /mcp.');
    openEnvSessions.touch(named);
    return run(named);
  }
  const own = openEnvSessions.open('openenv', taskOfPath(c));
  try {
    return await run(own);
  } finally {
    await openEnvSessions.close(own);
  }
}

function metadata(c: Context, { catalogue }: ServerContext): Record<string, unknown> {
  const named = taskOfPath(c);
  const shared = { readme_content: null, version: SOFTWARE.version, author: null, documentation_url: null };
  if (named !== null) {
    const task = catalogue.describe(named);
    return { name: task.task, description: task.description, ...shared };
  }
  const count = catalogue.list().length;
  const description = `Machine-learning research tasks as environments: ${count} on this server, listed at /v1/tasks.`;
  return { name: SOFTWARE.name, description, ...shared };
}
