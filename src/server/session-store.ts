import { z } from 'zod';
import { ResetParams } from '../protocol/index.js';

/** What is known about a session beyond the life of the process. */
export const SessionRecord = z.object({
  version: z.literal(1),
  id: z.string().describe('hash of the token: the record does not open the session'),
  profile: z.enum(['native', 'openenv', 'mcp']),
  created_at: z.string(),
  episodes: z.array(z.object({ episode_id: z.string(), params: ResetParams })),
  replies: z.array(z.object({ id: z.string(), fingerprint: z.string(), message: z.unknown() })),
  pending: z
    .array(z.object({ id: z.string(), fingerprint: z.string(), method: z.string(), episode_id: z.string().nullable() }))
    .describe('requests that had begun and had no reply yet'),
});
export type SessionRecord = z.infer<typeof SessionRecord>;

/** Where sessions outlive the process. A call that resolved has stored what it was given. */
export interface SessionStore {
  save(record: SessionRecord): Promise<void>;
  delete(id: string): Promise<void>;
  /** Every stored session; records that cannot be read are left out. */
  load(): Promise<SessionRecord[]>;
}
