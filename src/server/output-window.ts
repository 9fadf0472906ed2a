/** A run of streamed bytes. */
export interface OutputFrame {
  requestId: string;
  episodeId: string;
  /** Position of the first byte in the output of the command. */
  offset: number;
  bytes: Uint8Array;
}

interface Bounds {
  streamWindowBytes: number;
  streamPendingBytes: number;
  streamFrameBytes: number;
}

interface Pending {
  episodeId: string;
  offset: number;
  bytes: Buffer;
}

/** How much unused credit may pile up, in windows. */
const MAX_CREDIT_WINDOWS = 16;

/**
 * Streamed output on its way to one connection. Bytes leave while there is credit; behind that at most a bounded tail of each
 * request waits, and older bytes are dropped, which the offset of the next frame tells.
 */
export class OutputWindow {
  private creditBytes: number;
  private readonly pending = new Map<string, Pending>();
  private isScheduled = false;

  /**
   * @param send sends a frame; returns what it costs in credit
   * @param isCongested whether the connection has more unsent bytes than is good
   */
  constructor(
    private readonly bounds: Bounds,
    private readonly send: (frame: OutputFrame) => number,
    private readonly isCongested: () => boolean,
  ) {
    this.creditBytes = bounds.streamWindowBytes;
  }

  /** Bytes that wait for credit. */
  get pendingBytes(): number {
    let sum = 0;
    for (const { bytes } of this.pending.values()) sum += bytes.length;
    return sum;
  }

  push(requestId: string, episodeId: string, chunk: Uint8Array, offset: number): void {
    const waiting = this.pending.get(requestId);
    const continues = waiting !== undefined && waiting.offset + waiting.bytes.length === offset;
    const joined = continues ? Buffer.concat([waiting.bytes, chunk]) : Buffer.from(chunk);
    const first = continues ? waiting.offset : offset;
    const dropped = Math.max(0, joined.length - this.bounds.streamPendingBytes);
    this.pending.set(requestId, {
      episodeId,
      offset: first + dropped,
      // A copy: a view would keep what was dropped alive.
      bytes: dropped > 0 ? Buffer.from(joined.subarray(dropped)) : joined,
    });
    if (joined.length >= this.bounds.streamPendingBytes / 2) this.flush();
    else this.schedule();
  }

  /** The client is ready for more. */
  credit(bytes: number): void {
    this.creditBytes = Math.min(this.creditBytes + bytes, this.bounds.streamWindowBytes * MAX_CREDIT_WINDOWS);
    this.flush();
  }

  /** Sends what credit allows of a request that ended; the rest is dropped. */
  finish(requestId: string): void {
    const waiting = this.pending.get(requestId);
    if (waiting) this.drain(requestId, waiting, true);
    this.pending.delete(requestId);
  }

  clear(): void {
    this.pending.clear();
  }

  /** Small chunks of one turn of the event loop leave as one frame. */
  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => {
      this.isScheduled = false;
      this.flush();
    });
  }

  private flush(): void {
    for (const [requestId, waiting] of this.pending) this.drain(requestId, waiting, false);
  }

  private drain(requestId: string, waiting: Pending, isLast: boolean): void {
    while (waiting.bytes.length > 0 && this.creditBytes > 0 && !this.isCongested()) {
      const most = Math.min(waiting.bytes.length, this.creditBytes, this.bounds.streamFrameBytes);
      const size = isLast && most === waiting.bytes.length ? most : wholeCharacters(waiting.bytes, most);
      if (size === 0) return;
      const bytes = waiting.bytes.subarray(0, size);
      this.creditBytes -= this.send({ requestId, episodeId: waiting.episodeId, offset: waiting.offset, bytes });
      waiting.bytes = waiting.bytes.subarray(size);
      waiting.offset += size;
    }
    if (waiting.bytes.length === 0) this.pending.delete(requestId);
  }
}

/** @returns the most bytes, at most `limit`, that do not end inside a UTF-8 sequence; `limit` when that is not UTF-8 */
function wholeCharacters(bytes: Uint8Array, limit: number): number {
  for (let back = 1; back <= Math.min(4, limit); back += 1) {
    const byte = bytes[limit - back] ?? 0;
    if (byte < 0x80) return limit;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return length > back ? limit - back : limit;
  }
  return limit;
}
