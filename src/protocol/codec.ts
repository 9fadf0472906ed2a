import { Packr } from 'msgpackr';
import { RpcError } from './errors.js';

/** Turns messages into frames and back. The two encodings carry the same messages. */
export interface Codec {
  readonly encoding: 'json' | 'msgpack';
  /** @returns the frame for a message of plain data */
  encode(message: unknown): string | Uint8Array;
  /** @throws RpcError `invalid_frame` when the frame is not of this encoding */
  decode(frame: string | Uint8Array): unknown;
}

/** WebSocket subprotocols of the native profile, in the server's order of preference. */
export const SUBPROTOCOLS = { 'gymsmith.v1.msgpack': 'msgpack', 'gymsmith.v1.json': 'json' } as const;

/** Prefix of the subprotocol that tells the token, in base64url: pages cannot set headers, and addresses end up in logs. */
export const TOKEN_SUBPROTOCOL = 'gymsmith.token.';

const decoder = new TextDecoder('utf-8', { fatal: true });
// Records off: any language's msgpack reads plain maps. Integers as numbers: a BigInt fails every numeric schema.
const packr = new Packr({ useRecords: false, variableMapSize: true, int64AsType: 'number' });

/** JSON text frames. Binary frames are taken as UTF-8 text. */
export const jsonCodec: Codec = {
  encoding: 'json',
  encode: (message) => JSON.stringify(message, bytesToText),
  decode(frame) {
    try {
      return JSON.parse(typeof frame === 'string' ? frame : decoder.decode(frame));
    } catch (error) {
      throw new RpcError('invalid_frame', `The frame is not JSON: ${(error as Error).message}`);
    }
  },
};

/** msgpack binary frames. */
export const msgpackCodec: Codec = {
  encoding: 'msgpack',
  encode: (message) => packr.pack(message),
  decode(frame) {
    if (typeof frame === 'string') throw new RpcError('invalid_frame', 'A text frame came on a msgpack connection.');
    try {
      return packr.unpack(frame);
    } catch (error) {
      // A deeply nested frame ends as a RangeError of the decoder's stack.
      throw new RpcError('invalid_frame', `The frame is not msgpack: ${(error as Error).message}`);
    }
  },
};

const text = new TextDecoder();

function bytesToText(this: unknown, _key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? text.decode(value) : value;
}

/** @returns the codec of a negotiated subprotocol; JSON when none was negotiated */
export function codecFor(subprotocol: string | undefined): Codec {
  return subprotocol === 'gymsmith.v1.msgpack' ? msgpackCodec : jsonCodec;
}
