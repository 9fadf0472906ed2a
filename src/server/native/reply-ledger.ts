import { hash } from 'node:crypto';
import { RpcError, type ServerMessage } from '../../protocol/index.js';

/** What is kept of a request that was answered. */
export interface KeptReply {
  fingerprint: string;
  message: ServerMessage;
  sizeBytes: number;
}

interface Bounds {
  maxKeptReplies: number;
  maxKeptReplyBytes: number;
  maxForgottenReplies: number;
}

/** Replies of a session that its client has not acknowledged, oldest first, within bounds. */
export class ReplyLedger {
  private readonly kept = new Map<string, KeptReply>();
  private readonly forgotten = new Set<string>();
  private keptBytes = 0;

  constructor(private readonly bounds: Bounds) {}

  get sizeBytes(): number {
    return this.keptBytes;
  }

  get size(): number {
    return this.kept.size;
  }

  /**
   * @returns the kept reply to this request; undefined when it is new
   * @throws RpcError `duplicate_request` when the id stood for something else, or its reply is no longer kept
   */
  find(id: string, fingerprint: string): KeptReply | undefined {
    const reply = this.kept.get(id);
    if (reply && reply.fingerprint !== fingerprint) throw differs(id);
    if (!reply && this.forgotten.has(id)) {
      throw new RpcError(
        'duplicate_request',
        `Request ${id} ran long ago and its reply is not kept any more. Acknowledge replies, and give new requests new ids.`,
      );
    }
    return reply;
  }

  keep(id: string, reply: KeptReply): void {
    this.drop(id);
    this.kept.set(id, reply);
    this.keptBytes += reply.sizeBytes;
    const { maxKeptReplies, maxKeptReplyBytes, maxForgottenReplies } = this.bounds;
    for (const oldest of this.kept.keys()) {
      const fits = this.kept.size <= maxKeptReplies && this.keptBytes <= maxKeptReplyBytes;
      if (fits || oldest === id) break;
      this.drop(oldest);
      this.forgotten.add(oldest);
    }
    for (const oldest of this.forgotten) {
      if (this.forgotten.size <= maxForgottenReplies) break;
      this.forgotten.delete(oldest);
    }
  }

  /** Forgets a reply that its client has. */
  drop(id: string): void {
    const reply = this.kept.get(id);
    if (!reply) return;
    this.keptBytes -= reply.sizeBytes;
    this.kept.delete(id);
  }

  entries(): IterableIterator<[string, KeptReply]> {
    return this.kept.entries();
  }
}

/** @returns a digest of what a request asks for; equal contents have equal digests */
export function fingerprintOf(method: string, params: unknown): string {
  return hash('sha1', JSON.stringify([method, params]), 'base64');
}

/** The error of an id that is used for another request. */
export function differs(id: string): RpcError {
  return new RpcError(
    'duplicate_request',
    `Request id ${id} was used with other contents. Give each request its own id.`,
  );
}
