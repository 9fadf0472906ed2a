import { upgradeWebSocket } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { WebSocket } from 'ws';
import { codecFor } from '../protocol/index.js';
import type { Acceptors } from './acceptors.js';
import type { ServerContext } from './server-context.js';
import { SocketChannel } from './socket-channel.js';
import { TASK_PREFIX, taskOfPath } from './task-path.js';

/** Adds the WebSocket routes. */
export function addSockets(app: OpenAPIHono, context: ServerContext, accept: Acceptors): void {
  const upgrade = (c: Context, open: (socket: WebSocket) => void): Promise<Response> | Response => {
    if (c.req.header('upgrade')?.toLowerCase() !== 'websocket') {
      return c.json({ detail: 'This address is a WebSocket.' }, 426, { upgrade: 'websocket' });
    }
    if (context.connections.size >= context.limits.maxConnections) {
      return c.json({ detail: 'The server holds as many connections as it may.' }, 503, { 'retry-after': '5' });
    }
    return upgradeWebSocket(c, { onOpen: (_event, { raw }) => open(raw as WebSocket) });
  };
  const openEnv = (c: Context): Promise<Response> | Response => {
    const sessionId = c.req.query('session_id');
    return upgrade(c, (socket) =>
      accept.acceptOpenEnv(new SocketChannel(socket), {
        task: taskOfPath(c),
        ...(sessionId && { sessionId }),
      }),
    );
  };
  const mcp = (c: Context): Promise<Response> | Response => {
    // Streamable HTTP asks with GET for a stream of server messages; there are none.
    if (c.req.header('upgrade') === undefined) return c.json({ detail: 'Method Not Allowed' }, 405, { allow: 'POST' });
    return upgrade(c, (socket) => accept.acceptMcp(new SocketChannel(socket), { task: taskOfPath(c) }));
  };
  app.get('/v1/ws', (c) =>
    upgrade(c, (socket) => accept.acceptNative(new SocketChannel(socket), codecFor(socket.protocol))),
  );
  app.get('/ws', openEnv);
  app.get(`${TASK_PREFIX}/ws`, openEnv);
  app.get('/mcp', mcp);
  app.get(`${TASK_PREFIX}/mcp`, mcp);
}
