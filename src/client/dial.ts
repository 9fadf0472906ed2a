import type { Channel, Codec } from '../protocol/index.js';

/** A fresh channel to the server and the encoding that was agreed on. */
export interface Dialled {
  channel: Channel;
  codec: Codec;
}

/** A socket that is open, before the encoding is known. */
export interface OpenSocket {
  channel: Channel;
  /** Subprotocol that the server chose; empty: none. */
  protocol: string;
}

/**
 * Makes one channel to the server; called again at every reconnection.
 * @throws RpcError when the server refused, which ends the attempts; anything else counts as a broken network
 */
export type Dial = (signal: AbortSignal) => Promise<Dialled>;
