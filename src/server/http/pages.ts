import type { OpenAPIHono } from '@hono/zod-openapi';
import { ERRORS, PROTOCOL_VERSION, SOFTWARE } from '../../protocol/index.js';
import type { ServerContext } from '../server-context.js';
import { renderApiPage } from './api-page.js';
import { renderStatusPage } from './status-page.js';

/** Version of the HTTP interface; OpenEnv's validator knows "1.x". */
const API_VERSION = '1.0.0';

const HTML = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
};

/** Adds the description of the interface, its page, the status page and the metrics. */
export function addPages(app: OpenAPIHono, context: ServerContext): void {
  const describe = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: 'Gymsmith',
        version: API_VERSION,
        description:
          'HTTP beside the WebSockets: /ws and /env/<namespace>/<name>/ws speak OpenEnv, /v1/ws the native profile ' +
          `(version ${PROTOCOL_VERSION}). Software version ${SOFTWARE.version}.`,
      },
    });
  let document: ReturnType<typeof describe> | null = null;
  const cached = () => {
    document ??= describe();
    return document;
  };
  app.get('/openapi.json', (c) => c.json(cached()));
  app.get('/docs', (c) => c.body(renderApiPage(cached(), ERRORS), 200, HTML));
  app.get('/', (c) => c.body(renderStatusPage(context), 200, HTML));
  app.get('/metrics', async (c) => {
    const { registry } = context.metrics;
    return c.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
  });
}
