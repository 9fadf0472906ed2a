import { z } from 'zod';
import { WireError } from './errors.js';

const id = z.string().min(1).max(128);

/** Frames that a client of the native profile sends. */
export const ClientMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    versions: z.array(z.int()).min(1).describe('protocol versions that the client speaks'),
    session_token: z.string().max(256).optional().describe('takes up an earlier session'),
    client: z.string().max(256).optional().describe('name and version of the client, for the log'),
  }),
  z.object({
    type: z.literal('request'),
    id: id.describe('unique in the session; a repeated id gets the kept reply'),
    method: z.string().max(64),
    params: z.unknown(),
  }),
  z.object({ type: z.literal('cancel'), id }),
  z.object({ type: z.literal('ack'), ids: z.array(id).max(4096).describe('replies that need not be kept any more') }),
  z.object({
    type: z.literal('credit'),
    bytes: z.int().positive().describe('more bytes of streamed output that the client is ready to take'),
  }),
  z.object({ type: z.literal('ping'), nonce: z.unknown().optional() }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/** Limits that the server tells at `welcome`. */
export const Limits = z.object({
  max_frame_bytes: z.int(),
  max_episodes: z.int(),
  session_grace_ms: z.int().describe('how long a session lives without a connection'),
  stream_window_bytes: z.int().describe('streamed bytes that may be under way before the client gives credit'),
});
export type Limits = z.infer<typeof Limits>;

/** Frames that a server of the native profile sends. */
export const ServerMessage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('welcome'),
    version: z.int(),
    session_token: z.string(),
    resumed: z.boolean().describe('true: this is the session of the given token, with its episodes'),
    server: z.string(),
    limits: Limits,
    episodes: z.array(z.string()).describe('live episodes of the session'),
  }),
  z.object({ type: z.literal('reply'), id, result: z.unknown() }),
  z.object({ type: z.literal('error'), id: id.nullable(), error: WireError }),
  z.object({
    type: z.literal('output'),
    id: id.describe('the step request whose output this is'),
    episode_id: z.string(),
    offset: z.int().describe('position of the first byte in the output of the command'),
    data: z.union([z.string(), z.instanceof(Uint8Array)]).describe('text in JSON frames, bytes in msgpack frames'),
  }),
  z.object({ type: z.literal('draining'), deadline_ms: z.int() }),
  z.object({ type: z.literal('pong'), nonce: z.unknown().optional() }),
]);
export type ServerMessage = z.infer<typeof ServerMessage>;
