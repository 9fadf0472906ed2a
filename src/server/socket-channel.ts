import type { RawData, WebSocket } from 'ws';
import type { Channel } from '../protocol/index.js';

/** How long a peer may take to answer a close before the socket is cut. */
const CLOSE_TIMEOUT_MS = 3_000;

/** A WebSocket as a channel. */
export class SocketChannel implements Channel {
  onMessage: ((frame: string | Uint8Array) => void) | null = null;
  onClose: ((code: number, reason: string) => void) | null = null;

  constructor(private readonly socket: WebSocket) {
    socket.on('message', (data: RawData, isBinary: boolean) => {
      const bytes = toBytes(data);
      this.onMessage?.(isBinary ? bytes : bytes.toString('utf8'));
    });
    socket.on('close', (code: number, reason: Buffer) => this.onClose?.(code, reason.toString('utf8')));
    // A close follows; without a listener the error would end the process.
    socket.on('error', () => {});
  }

  get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(frame: string | Uint8Array): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(frame, { binary: typeof frame !== 'string' });
  }

  close(code = 1000, reason = ''): void {
    const { socket } = this;
    if (socket.readyState === socket.CLOSED || socket.readyState === socket.CLOSING) return;
    socket.close(code, reason.slice(0, 100));
    const timer = setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS);
    socket.once('close', () => clearTimeout(timer));
  }
}

function toBytes(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? Buffer.from(data) : data;
}
