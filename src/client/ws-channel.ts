import { type Codec, codecFor, SUBPROTOCOLS } from '../protocol/index.js';
import type { Dial } from './dial.js';
import { openNodeSocket } from './node-socket.js';
import { openWebSocket } from './web-socket.js';

export interface SocketOptions {
  /** Bearer token of the server. */
  token?: string;
  /** What frames look like; both carry the same messages. Default msgpack. */
  encoding?: Codec['encoding'];
}

const isNode = typeof process === 'object' && typeof process.versions?.node === 'string';

/**
 * @param url of the native profile
 * @returns what opens a WebSocket there. In Node it is that of `ws`, which can send the token as a header and tells why a server
 * refused; elsewhere the global one.
 */
export function socketDial(url: URL, options: SocketOptions = {}): Dial {
  const encoding = options.encoding ?? 'msgpack';
  const protocols = Object.entries(SUBPROTOCOLS)
    .filter(([, codec]) => codec === encoding)
    .map(([protocol]) => protocol);
  const open = isNode ? openNodeSocket : openWebSocket;
  return async (signal) => {
    const { channel, protocol } = await open(url, protocols, options.token, signal);
    return { channel, codec: codecFor(protocol) };
  };
}
