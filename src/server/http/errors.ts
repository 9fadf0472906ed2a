import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { ERRORS, RpcError } from '../../protocol/index.js';
import { OpenEnvError } from '../openenv/openenv-frames.js';

/** Turns what a route threw into its answer; what was not meant for the peer is logged and told as `internal`. */
export function toResponse(error: unknown, c: Context, log: Logger): Response {
  if (error instanceof HTTPException) return c.json({ detail: error.message }, error.status);
  if (error instanceof OpenEnvError) {
    const status = error.code === 'CAPACITY_REACHED' ? 503 : error.code === 'EXECUTION_ERROR' ? 500 : 422;
    return c.json(
      { detail: error.details.errors ?? error.message, error: { ...error.details, message: error.message } },
      status,
    );
  }
  if (!(error instanceof RpcError)) log.error({ err: error, path: c.req.path }, 'a route failed');
  const known =
    error instanceof RpcError ? error : new RpcError('internal', 'The server failed; its log has the trace.');
  const headers: Record<string, string> =
    known.code === 'unauthorized' ? { 'www-authenticate': 'Bearer, Basic realm="gymsmith"' } : {};
  return c.json(
    { detail: known.message, error: known.toWire() },
    ERRORS[known.code].http as ContentfulStatusCode,
    headers,
  );
}

/** Answers a request whose parameters break their schema, in the form that OpenEnv's reference server uses. */
export function invalidRequest(
  result: { target: string } & ({ success: true } | { success: false; error: z.ZodError }),
  c: Context,
): Response | undefined {
  if (result.success) return undefined;
  const detail = result.error.issues.map(({ path, message }) => ({
    type: 'value_error',
    loc: [result.target, ...path.map(String)],
    msg: message,
  }));
  const message = detail.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; ');
  return c.json({ detail, error: new RpcError('invalid_params', message).toWire() }, 422);
}
