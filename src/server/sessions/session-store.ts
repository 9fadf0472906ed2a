import { z } from 'zod';
import { ResetParams } from '../../protocol/index.js';

const Episode = z.object({ episode_id: z.string(), params: ResetParams });
const Reply = z.object({ id: z.string(), fingerprint: z.string(), message: z.unknown() });
const Pending = z.object({
  id: z.string(),
  fingerprint: z.string(),
  method: z.string(),
  episode_id: z.string().nullable(),
});

/** What is known about a session beyond the life of the process. */
export const SessionRecord = z.object({
  version: z.literal(1),
  id: z.string().describe('hash of the token: the record does not open the session'),
  profile: z.enum(['native', 'openenv', 'mcp']),
  created_at: z.string(),
  episodes: z.array(Episode),
  replies: z.array(Reply).describe('replies that the client has not acknowledged'),
  pending: z.array(Pending).describe('requests that had begun and had no reply yet'),
});
export type SessionRecord = z.infer<typeof SessionRecord>;

/** A step in the life of a session, as its journal keeps it. */
export const SessionChange = z.discriminatedUnion('op', [
  z.object({ op: z.literal('record'), record: SessionRecord }),
  Episode.extend({ op: z.literal('episode') }),
  z.object({ op: z.literal('episode_gone'), episode_id: z.string() }),
  Pending.extend({ op: z.literal('begun') }),
  Reply.extend({ op: z.literal('answered') }),
  z.object({ op: z.literal('dropped'), ids: z.array(z.string()) }),
]);
export type SessionChange = z.infer<typeof SessionChange>;

/** The journal of one session. It outlives the process, though perhaps not the machine: nor do the sandboxes. */
export interface SessionJournal {
  /** Keeps a change. When it returns, a killed process has not lost it. */
  write(change: SessionChange): void;
  /** The session ended: forgets it. Idempotent. */
  end(): void;
}

/** Where sessions outlive the process. */
export interface SessionStore {
  /** @param record the session as it stands; called again whenever the journal wants to begin anew with a short one */
  open(record: () => SessionRecord): SessionJournal;
  /** Every session that was not ended; what cannot be read is left out. */
  load(): Promise<SessionRecord[]>;
}

/** @returns the session that its changes describe; null when they do not begin with a record */
export function replayChanges(changes: Iterable<SessionChange>): SessionRecord | null {
  let record: SessionRecord | null = null;
  for (const change of changes) {
    if (change.op === 'record') record = structuredClone(change.record);
    else if (record) apply(record, change);
  }
  return record;
}

function apply(record: SessionRecord, change: Exclude<SessionChange, { op: 'record' }>): void {
  switch (change.op) {
    case 'episode':
    case 'episode_gone':
      record.episodes = record.episodes.filter(({ episode_id }) => episode_id !== change.episode_id);
      if (change.op === 'episode') record.episodes.push({ episode_id: change.episode_id, params: change.params });
      break;
    case 'begun': {
      const { op: _op, ...pending } = change;
      record.pending.push(pending);
      break;
    }
    case 'answered': {
      const { op: _op, ...reply } = change;
      record.pending = record.pending.filter(({ id }) => id !== change.id);
      record.replies.push(reply);
      break;
    }
    case 'dropped': {
      const dropped = new Set(change.ids);
      record.replies = record.replies.filter(({ id }) => !dropped.has(id));
    }
  }
}
