import type { WebSocket } from 'ws';
import { type Channel, ERRORS, type ErrorCode, RpcError, WireError } from '../protocol/index.js';
import type { OpenSocket } from './dial.js';
import { ClientError } from './errors.js';
import { shownUrl } from './server-url.js';

const MAX_FRAME_BYTES = 256 * 1024 * 1024;
const CLOSE_TIMEOUT_MS = 2_000;
const MAX_REFUSAL_BYTES = 64 * 1024;

/**
 * Opens a WebSocket of the `ws` package, which is loaded here and so never by a page.
 * @throws RpcError when the server answered with an error, ClientError `connection_failed` when it did not answer
 */
export async function openNodeSocket(
  url: URL,
  protocols: string[],
  token: string | undefined,
  signal: AbortSignal,
): Promise<OpenSocket> {
  const ws = await import('ws');
  return new Promise((resolve, reject) => {
    const socket = new ws.WebSocket(url, protocols, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
    });
    const channel = new NodeSocketChannel(socket);
    const fail = (error: Error) => {
      signal.removeEventListener('abort', onAbort);
      socket.terminate();
      reject(error);
    };
    const onAbort = () => fail(new ClientError('connection_failed', `${shownUrl(url)} did not answer in time.`));
    signal.addEventListener('abort', onAbort);
    socket.on('error', (error) =>
      fail(
        new ClientError('connection_failed', `${shownUrl(url)} cannot be reached: ${error.message}`, { cause: error }),
      ),
    );
    socket.on('unexpected-response', (_request, response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes <= MAX_REFUSAL_BYTES) chunks.push(chunk);
      });
      response.on('end', () => fail(refusal(url, response.statusCode ?? 0, Buffer.concat(chunks).toString())));
    });
    socket.on('open', () => {
      signal.removeEventListener('abort', onAbort);
      resolve({ channel, protocol: socket.protocol });
    });
    if (signal.aborted) onAbort();
  });
}

/** @returns the error in the body of a refused handshake, else what the status means */
function refusal(url: URL, status: number, body: string): Error {
  const error = WireError.safeParse(parseError(body));
  if (error.success) return RpcError.fromWire(error.data);
  const what = `${shownUrl(url)} refused the connection with HTTP status ${status}.`;
  const codes = { 401: 'unauthorized', 403: 'forbidden_origin', 426: 'version_unsupported' } as const;
  const code: ErrorCode | undefined = codes[status as keyof typeof codes];
  return code ? new RpcError(code, `${what} ${ERRORS[code].meaning}`) : new ClientError('connection_failed', what);
}

function parseError(body: string): unknown {
  try {
    return (JSON.parse(body) as { error?: unknown }).error;
  } catch {
    return undefined;
  }
}

class NodeSocketChannel implements Channel {
  onMessage: Channel['onMessage'] = null;
  onClose: Channel['onClose'] = null;

  constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => this.onMessage?.(isBinary ? data : data.toString('utf8')));
    socket.on('close', (code, reason) => this.onClose?.(code, reason.toString()));
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(frame: string | Uint8Array): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(frame);
  }

  close(code = 1000, reason = ''): void {
    if (this.socket.readyState === this.socket.CLOSED) return;
    this.socket.close(code, reason);
    // A peer that is gone never answers the close.
    const timer = setTimeout(() => this.socket.terminate(), CLOSE_TIMEOUT_MS);
    this.socket.once('close', () => clearTimeout(timer));
  }
}
