import type { Channel, Codec } from '../protocol/index.js';
import type { OpenEnvAddress } from './openenv/openenv-connection.js';

/** The profiles, served over any channel. */
export interface Acceptors {
  /** Serves the native profile on a channel. */
  acceptNative(channel: Channel, codec: Codec): void;
  /** Serves the OpenEnv profile on a channel. */
  acceptOpenEnv(channel: Channel, address?: OpenEnvAddress): void;
  /** Serves MCP on a channel. */
  acceptMcp(channel: Channel, address?: Pick<OpenEnvAddress, 'task'>): void;
}
