import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { RpcError, TaskDetail, TaskReload, TaskSummary, WireError } from '../../protocol/index.js';
import type { ServerContext } from '../server-context.js';

const list = createRoute({
  method: 'get',
  path: '/v1/tasks',
  tags: ['Catalogue'],
  summary: 'Tasks that this server offers',
  request: { query: z.object({ namespace: z.string().optional() }) },
  responses: {
    200: {
      description: 'Tasks',
      content: { 'application/json': { schema: z.object({ tasks: z.array(TaskSummary) }) } },
    },
  },
});

const describe = createRoute({
  method: 'get',
  path: '/v1/tasks/{namespace}/{name}',
  tags: ['Catalogue'],
  summary: 'One task with its text; without a version the highest',
  request: { params: z.object({ namespace: z.string(), name: z.string() }) },
  responses: {
    200: { description: 'The task', content: { 'application/json': { schema: TaskDetail } } },
    404: {
      description: 'No such task',
      content: { 'application/json': { schema: z.object({ detail: z.string(), error: WireError }) } },
    },
  },
});

const reload = createRoute({
  method: 'post',
  path: '/v1/tasks/reload',
  tags: ['Catalogue'],
  summary: 'Reads the packs again',
  description:
    'New tasks are offered from now on, removed ones no longer; running episodes go on. A task whose files changed is no longer offered: it needs a new version.',
  responses: {
    200: { description: 'What changed', content: { 'application/json': { schema: TaskReload } } },
    404: {
      description: 'The tasks of this server are fixed',
      content: { 'application/json': { schema: z.object({ detail: z.string(), error: WireError }) } },
    },
  },
});

/** Adds the task catalogue. */
export function addTaskRoutes(app: OpenAPIHono, { catalogue }: ServerContext): void {
  app.openapi(list, (c) => c.json({ tasks: catalogue.list(c.req.valid('query').namespace) }, 200));
  app.openapi(describe, (c) => {
    const { namespace, name } = c.req.valid('param');
    return c.json(catalogue.describe(`${namespace}/${name}`), 200);
  });
  app.openapi(reload, async (c) => {
    if (!catalogue.reload) throw new RpcError('unknown_method', 'The tasks of this server are fixed when it starts.');
    return c.json(await catalogue.reload(), 200);
  });
}
