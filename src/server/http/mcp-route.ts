import { type OpenAPIHono, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { answerMcp, mcpParseError } from '../mcp/mcp.js';
import { write } from '../openenv/openenv-frames.js';
import { parseTolerantJson } from '../openenv/tolerant-json.js';
import type { ServerContext } from '../server-context.js';
import { TASK_PREFIX, taskOfPath } from '../task-path.js';

const SESSION_HEADER = 'mcp-session-id';

/** Adds JSON-RPC over POST: errors are answers with status 200, as OpenEnv's validator wants it. */
export function addMcpRoute(app: OpenAPIHono, context: ServerContext): void {
  const schema = z.record(z.string(), z.unknown());
  app.openAPIRegistry.registerPath({
    method: 'post',
    path: '/mcp',
    tags: ['MCP'],
    summary:
      'Model Context Protocol: initialize, tools/list, tools/call, openenv/session/create, openenv/session/close',
    request: { body: { content: { 'application/json': { schema } } } },
    responses: { 200: { description: 'JSON-RPC 2.0 response', content: { 'application/json': { schema } } } },
  });
  const handle = async (c: Context): Promise<Response> => {
    let message: unknown;
    try {
      message = parseTolerantJson(await c.req.text());
    } catch (error) {
      return reply(c, mcpParseError(`Parse error: ${(error as Error).message}`));
    }
    const sessionId = c.req.header(SESSION_HEADER);
    const { response, openedSessionId } = await answerMcp(message, {
      sessions: context.openEnvSessions,
      task: taskOfPath(c),
      ...(sessionId !== undefined && { sessionId }),
    });
    if (openedSessionId !== undefined) c.header(SESSION_HEADER, openedSessionId);
    return response === null ? c.body(null, 202) : reply(c, response);
  };
  const end = async (c: Context): Promise<Response> => {
    const session = context.openEnvSessions.find(c.req.header(SESSION_HEADER) ?? '');
    if (session) await context.openEnvSessions.close(session);
    return session ? c.body(null, 204) : c.json({ detail: 'Unknown session' }, 404);
  };
  for (const prefix of ['', TASK_PREFIX]) {
    app.post(`${prefix}/mcp`, handle);
    app.delete(`${prefix}/mcp`, end);
  }
}

function reply(c: Context, response: unknown): Response {
  return c.body(write(response), 200, { 'content-type': 'application/json' });
}
