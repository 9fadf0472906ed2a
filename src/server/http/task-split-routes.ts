import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { SOFTWARE, TaskSummary } from '../../protocol/index.js';
import type { ServerContext } from '../server-context.js';

const ENV = SOFTWARE.name;
const param = z.object({ env_name: z.string() });
const split = z.string().describe('namespace of tasks');

function post<Body extends z.ZodObject, Answer extends z.ZodType>(
  path: string,
  summary: string,
  body: Body,
  answer: Answer,
) {
  return createRoute({
    method: 'post',
    path,
    tags: ['Task API'],
    summary,
    request: { params: param, body: { required: true, content: { 'application/json': { schema: body } } } },
    responses: { 200: { description: summary, content: { 'application/json': { schema: answer } } } },
  });
}

const environments = createRoute({
  method: 'get',
  path: '/list_environments',
  tags: ['Task API'],
  summary: 'The one environment of this server',
  responses: { 200: { description: 'Names', content: { 'application/json': { schema: z.array(z.string()) } } } },
});

const splits = createRoute({
  method: 'get',
  path: '/{env_name}/splits',
  tags: ['Task API'],
  summary: 'Namespaces of tasks, as splits',
  request: { params: param },
  responses: {
    200: {
      description: 'Splits',
      content: { 'application/json': { schema: z.array(z.object({ name: z.string(), type: z.string() })) } },
    },
  },
});

const tasks = post(
  '/{env_name}/tasks',
  'Tasks of a split',
  z.object({ split }),
  z.object({ tasks: z.array(TaskSummary), env_name: z.string() }),
);
const count = post(
  '/{env_name}/num_tasks',
  'Number of tasks of a split',
  z.object({ split }),
  z.object({ num_tasks: z.int() }),
);
const one = post(
  '/{env_name}/task',
  'One task of a split',
  z.object({ split, index: z.int() }),
  z.object({ task: TaskSummary }),
);
const range = post(
  '/{env_name}/task_range',
  'Some tasks of a split',
  z.object({ split, start: z.int().nullish(), stop: z.int().nullish() }),
  z.object({ tasks: z.array(TaskSummary) }),
);

/** Adds OpenEnv's task API: the catalogue's namespaces are its splits. */
export function addTaskSplitRoutes(app: OpenAPIHono, { catalogue }: ServerContext): void {
  const checkName = (name: string): void => {
    if (name.toLowerCase() !== ENV)
      throw new HTTPException(404, { message: `unknown environment '${name.slice(0, 100)}'` });
  };
  app.openapi(environments, (c) => c.json([ENV], 200));
  app.openapi(splits, (c) => {
    checkName(c.req.valid('param').env_name);
    const namespaces = new Set(catalogue.list().map(({ task }) => task.split('/')[0]!));
    return c.json(
      [...namespaces].map((name) => ({ name, type: splitType(name) })),
      200,
    );
  });
  app.openapi(tasks, (c) => {
    checkName(c.req.valid('param').env_name);
    return c.json({ tasks: catalogue.list(c.req.valid('json').split), env_name: ENV }, 200);
  });
  app.openapi(count, (c) => {
    checkName(c.req.valid('param').env_name);
    return c.json({ num_tasks: catalogue.list(c.req.valid('json').split).length }, 200);
  });
  app.openapi(one, (c) => {
    checkName(c.req.valid('param').env_name);
    const body = c.req.valid('json');
    const task = catalogue.list(body.split).at(body.index);
    if (!task) throw new HTTPException(400, { message: 'Invalid task index' });
    return c.json({ task }, 200);
  });
  app.openapi(range, (c) => {
    checkName(c.req.valid('param').env_name);
    const body = c.req.valid('json');
    return c.json({ tasks: catalogue.list(body.split).slice(body.start ?? 0, body.stop ?? undefined) }, 200);
  });
}

function splitType(name: string): string {
  return name === 'train' || name === 'test' ? name : 'validation';
}
