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

/** Output of one request that waits for credit. */
interface Pending {
  episodeId: string;
  /** Position of the first waiting byte. */
  offset: number;
  chunks: Buffer[];
  sizeBytes: number;
}

/** How many chunks wait apart: with very small ones, moving the list would cost more than joining them. */
const MAX_CHUNKS = 256;

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
    for (const { sizeBytes } of this.pending.values()) sum += sizeBytes;
    return sum;
  }

  push(requestId: string, episodeId: string, chunk: Uint8Array, offset: number): void {
    let waiting = this.pending.get(requestId);
    if (!waiting || waiting.offset + waiting.sizeBytes !== offset) {
      waiting = { episodeId, offset, chunks: [], sizeBytes: 0 };
      this.pending.set(requestId, waiting);
    }
    // A copy: the chunk is a view of a larger buffer, which it would keep alive.
    waiting.chunks.push(Buffer.from(chunk));
    waiting.sizeBytes += chunk.length;
    if (waiting.chunks.length > MAX_CHUNKS) waiting.chunks = [Buffer.concat(waiting.chunks)];
    if (waiting.sizeBytes > this.bounds.streamPendingBytes)
      skip(waiting, waiting.sizeBytes - this.bounds.streamPendingBytes);
    if (waiting.sizeBytes >= this.bounds.streamPendingBytes / 2) this.flush();
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
    while (waiting.sizeBytes > 0 && this.creditBytes > 0 && !this.isCongested()) {
      const most = Math.min(waiting.sizeBytes, this.creditBytes, this.bounds.streamFrameBytes);
      const front = first(waiting, most);
      const size = isLast && most === waiting.sizeBytes ? most : wholeCharacters(front, most);
      if (size === 0) return;
      const { episodeId, offset } = waiting;
      this.creditBytes -= this.send({ requestId, episodeId, offset, bytes: front.subarray(0, size) });
      skip(waiting, size);
    }
    if (waiting.sizeBytes === 0) this.pending.delete(requestId);
  }
}

/** @returns the first bytes that wait, as one piece */
function first({ chunks }: Pending, sizeBytes: number): Buffer {
  const [head] = chunks;
  if (head && head.length >= sizeBytes) return head.subarray(0, sizeBytes);
  return Buffer.concat(chunks, sizeBytes);
}

/** Removes the first bytes that wait. */
function skip(waiting: Pending, sizeBytes: number): void {
  waiting.offset += sizeBytes;
  waiting.sizeBytes -= sizeBytes;
  let whole = 0;
  let left = sizeBytes;
  for (const { length } of waiting.chunks) {
    if (length > left) break;
    left -= length;
    whole += 1;
  }
  waiting.chunks.splice(0, whole);
  if (left > 0) waiting.chunks[0] = waiting.chunks[0]!.subarray(left);
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
