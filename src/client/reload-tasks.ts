import { RpcError, TaskReload, WireError } from '../protocol/index.js';
import { ClientError } from './errors.js';
import { httpUrl, shownUrl } from './server-url.js';

/** More than a pack of thousands of tasks takes. */
const DEFAULT_TIMEOUT_MS = 120_000;

/**
 * Makes a server read its packs again; running episodes go on.
 * @param address of the server: `http://`, `https://`, `ws://` or `wss://`; the password in it counts as token
 * @returns which tasks came, went or changed, and what is wrong with the packs
 * @throws RpcError when the server refuses, ClientError when it does not answer or answers something else, TypeError for no address
 */
export async function reloadTasks(
  address: string | URL,
  options: { token?: string | undefined; timeoutMs?: number; signal?: AbortSignal } = {},
): Promise<TaskReload> {
  const { url, password } = httpUrl(address, '/v1/tasks/reload');
  const token = options.token ?? password;
  const limit = AbortSignal.timeout(options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, limit]) : limit;
  const headers = new Headers(token === undefined ? [] : [['authorization', `Bearer ${token}`]]);
  const answer = await fetch(url, { method: 'POST', headers, signal }).then(
    async (response) => ({ status: response.status, body: await response.text() }),
    (error: unknown) => {
      if (options.signal?.aborted) throw new ClientError('aborted', 'The reload was called off.');
      const why = limit.aborted ? 'did not answer in time' : `cannot be reached: ${reasonOf(error)}`;
      throw new ClientError('connection_failed', `${shownUrl(url)} ${why}.`, { cause: error });
    },
  );
  const value = parsed(answer.body);
  const report = TaskReload.safeParse(value);
  if (answer.status === 200 && report.success) return report.data;
  const refusal = WireError.safeParse((value as { error?: unknown } | undefined)?.error);
  if (refusal.success) throw RpcError.fromWire(refusal.data);
  throw new ClientError('protocol', `${shownUrl(url)} answered with HTTP status ${answer.status} and no report.`);
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== '' ? cause.message : message;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
