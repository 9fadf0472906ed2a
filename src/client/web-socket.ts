import { type Channel, TOKEN_SUBPROTOCOL } from '../protocol/index.js';
import type { OpenSocket } from './dial.js';
import { ClientError } from './errors.js';
import { shownUrl } from './server-url.js';

/**
 * Opens the platform's own WebSocket: browsers, workers, and runtimes like them.
 * @throws ClientError `connection_failed`; browsers never tell why
 */
export function openWebSocket(
  url: URL,
  protocols: string[],
  token: string | undefined,
  signal: AbortSignal,
): Promise<OpenSocket> {
  const offered = token === undefined ? protocols : [...protocols, TOKEN_SUBPROTOCOL + base64url(token)];
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, offered);
    socket.binaryType = 'arraybuffer';
    const channel = new WebSocketChannel(socket);
    const fail = (why: string) => {
      signal.removeEventListener('abort', onAbort);
      socket.close();
      reject(new ClientError('connection_failed', why));
    };
    const onAbort = () => fail(`${shownUrl(url)} did not answer in time.`);
    channel.onClose = () =>
      fail(
        `${shownUrl(url)} cannot be reached, or it refused the token or the origin of this page (browsers do not tell which).`,
      );
    signal.addEventListener('abort', onAbort);
    socket.addEventListener('open', () => {
      signal.removeEventListener('abort', onAbort);
      channel.onClose = null;
      resolve({ channel, protocol: socket.protocol });
    });
    if (signal.aborted) onAbort();
  });
}

function base64url(text: string): string {
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  return base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

class WebSocketChannel implements Channel {
  onMessage: Channel['onMessage'] = null;
  onClose: Channel['onClose'] = null;

  constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) =>
      this.onMessage?.(typeof data === 'string' ? data : new Uint8Array(data)),
    );
    socket.addEventListener('close', ({ code, reason }) => this.onClose?.(code, reason));
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(frame: string | Uint8Array): void {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(frame as string | Uint8Array<ArrayBuffer>);
  }

  close(code = 1000, reason = ''): void {
    // Pages may use no other code of RFC 6455 than 1000; 4000 and up are free.
    this.socket.close(code === 1000 || code >= 3000 ? code : code + 3000, reason);
  }
}
