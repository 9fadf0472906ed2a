/** One end of a pipe that carries frames: a WebSocket, or one end of an in-memory pair. */
export interface Channel {
  /** Queues a frame. After a close it does nothing. */
  send(frame: string | Uint8Array): void;
  /** Ends the channel; a second call does nothing. `code` and `reason` follow RFC 6455. */
  close(code?: number, reason?: string): void;
  /** Called for every frame that arrives, in order. */
  onMessage: ((frame: string | Uint8Array) => void) | null;
  /** Called once, when the channel ended, by whichever side. */
  onClose: ((code: number, reason: string) => void) | null;
  /** Bytes that were queued and have not left yet. */
  readonly bufferedBytes: number;
}

class MemoryChannel implements Channel {
  onMessage: ((frame: string | Uint8Array) => void) | null = null;
  onClose: ((code: number, reason: string) => void) | null = null;
  readonly bufferedBytes = 0;
  peer: MemoryChannel | null = null;

  send(frame: string | Uint8Array): void {
    const peer = this.peer;
    if (peer) queueMicrotask(() => peer.peer && peer.onMessage?.(frame));
  }

  close(code = 1000, reason = ''): void {
    const peer = this.peer;
    if (!peer) return;
    // Frames that were sent before the close still arrive: they were queued earlier.
    queueMicrotask(() => {
      if (!this.peer) return;
      this.peer = null;
      peer.peer = null;
      this.onClose?.(code, reason);
      peer.onClose?.(code, reason);
    });
  }
}

/** Two ends of a channel in one process: what one sends the other receives, in order, in a later microtask. */
export function channelPair(): [Channel, Channel] {
  const left = new MemoryChannel();
  const right = new MemoryChannel();
  left.peer = right;
  right.peer = left;
  return [left, right];
}
