import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch as undiciFetch } from 'undici';
import { HttpFailure } from './endpoint-error.js';

/** Proxies for endpoints elsewhere, as `http_proxy`, `https_proxy` and `no_proxy` name them. */
export interface EndpointProxies {
  http: string | undefined;
  https: string | undefined;
  no: string | undefined;
}

/** What is said of a port that no request is sent to; it comes without a code. */
export const BAD_PORT = 'bad port';

const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Only connecting has a limit here: Node's own would end every answer that takes five minutes to begin, and each request brings its
 * limits in its signal.
 */
const LIMITS = { connect: { timeout: 15_000 }, headersTimeout: 0, bodyTimeout: 0 };
const HERE = ['localhost', '127.0.0.1', '[::1]'];

/** Connections of all models of the process, by the proxies that they take. */
const connections = new Map<string, Dispatcher>();

function connectionsOver(proxies: EndpointProxies | undefined): Dispatcher {
  const key = JSON.stringify(proxies ?? {});
  const known = connections.get(key);
  if (known) return known;
  const { http = '', https = '', no } = proxies ?? {};
  const isDirect = http === '' && https === '';
  const noProxy = [no, ...HERE].filter(Boolean).join(',');
  const made = isDirect
    ? new Agent(LIMITS)
    : new EnvHttpProxyAgent({ ...LIMITS, httpProxy: http, httpsProxy: https, noProxy });
  connections.set(key, made);
  return made;
}

/**
 * @returns `fetch` for endpoints of models; it throws HttpFailure for a status that says failure, with the beginning of the body, whatever
 *   shape that has
 */
export function endpointFetch(proxies?: EndpointProxies): typeof fetch {
  return async (url, init) => {
    const dispatcher = connectionsOver(proxies);
    // Whoever is asked instead would get the chat, and every credential that is in a header of its own.
    const asked = { ...(init as object), dispatcher, redirect: 'manual' as const };
    const response = (await undiciFetch(url as string, asked)) as unknown as Response;
    if (response.ok) return response;
    throw new HttpFailure(response.status, response.headers, await beginning(response));
  };
}

async function beginning(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk.subarray(0, MAX_ERROR_BYTES - bytes), { stream: true });
      bytes += chunk.byteLength;
      if (bytes >= MAX_ERROR_BYTES) break;
    }
  } catch {
    // The status alone says enough.
  }
  return text;
}
