import { Agent, fetch as undiciFetch } from 'undici';
import { HttpFailure } from './endpoint-error.js';

const CONNECT_TIMEOUT_MS = 15_000;
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Connections of all models of the process. Only connecting has a limit here: Node's own would end every answer that takes five minutes
 * to begin, and each request brings its limits in its signal.
 */
const connections = new Agent({
  connect: { timeout: CONNECT_TIMEOUT_MS },
  headersTimeout: 0,
  bodyTimeout: 0,
});

/**
 * `fetch` for endpoints of models.
 * @throws HttpFailure for a status that says failure: with the beginning of its body, whatever shape that has
 */
export async function endpointFetch(url: string | URL | Request, init?: RequestInit): Promise<Response> {
  const response = (await undiciFetch(url as string, {
    ...(init as object),
    dispatcher: connections,
  })) as unknown as Response;
  if (response.ok) return response;
  throw new HttpFailure(response.status, response.headers, await beginning(response));
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
