import type { Context } from 'hono';
import { RpcError } from '../../protocol/index.js';
import { isRecord } from '../openenv/openenv-frames.js';
import { parseTolerantJson } from '../openenv/tolerant-json.js';

/**
 * Reads the body of a request; none at all is an empty object.
 * @throws RpcError `invalid_params` when it is not a JSON object
 */
export async function readJson(c: Context): Promise<Record<string, unknown>> {
  const text = await c.req.text();
  if (text.trim() === '') return {};
  let body: unknown;
  try {
    body = parseTolerantJson(text);
  } catch (error) {
    throw new RpcError('invalid_params', `The body is not JSON: ${(error as Error).message}`);
  }
  if (isRecord(body)) return body;
  throw new RpcError('invalid_params', 'The body is not a JSON object.');
}
