import type { Channel } from '../protocol/index.js';
import { SlowConsumerGuard } from './native/slow-consumer-guard.js';

interface Bounds {
  maxFrameBytes: number;
  maxQueuedFrames: number;
  maxQueuedBytes: number;
  slowConsumerBytes: number;
  slowConsumerMs: number;
}

/** What the owner of a serial channel does. */
export interface SerialOwner {
  /** The frame that answers a frame; null: none. Never rejects. */
  answer(frame: string | Uint8Array): Promise<string | null>;
  /** The peer broke a bound. The channel is closed after what this returns was sent. */
  complain(message: string): string;
  /** Called once; `isMeant`: this side ended the channel, because of what the peer said. */
  closed(isMeant: boolean): void;
  onFrame?: ((direction: 'in' | 'out', sizeBytes: number) => void) | undefined;
}

/** A channel on which frames are answered one at a time, in order. */
export class SerialFrames {
  private readonly queue: (string | Uint8Array)[] = [];
  private queuedBytes = 0;
  private isBusy = false;
  private isClosed = false;
  private readonly guard: SlowConsumerGuard;

  constructor(
    private readonly channel: Channel,
    private readonly bounds: Bounds,
    private readonly owner: SerialOwner,
  ) {
    this.guard = new SlowConsumerGuard(channel, bounds, () => this.finish(false, 1000, 'slow_consumer'));
    channel.onMessage = (frame) => this.receive(frame);
    channel.onClose = () => this.closed(false);
  }

  send(frame: string): void {
    if (this.isClosed) return;
    this.owner.onFrame?.('out', Buffer.byteLength(frame));
    this.channel.send(frame);
    this.guard.check();
  }

  /** Ends the channel. What waits is not answered. */
  end(reason = '', code = 1000): void {
    this.finish(true, code, reason);
  }

  private receive(frame: string | Uint8Array): void {
    if (this.isClosed) return;
    const sizeBytes = sizeOf(frame);
    this.owner.onFrame?.('in', sizeBytes);
    const { maxFrameBytes, maxQueuedFrames, maxQueuedBytes } = this.bounds;
    if (sizeBytes > maxFrameBytes) {
      this.fail(`A frame of ${sizeBytes} bytes came; at most ${maxFrameBytes} are taken.`);
      return;
    }
    this.queue.push(frame);
    this.queuedBytes += sizeBytes;
    if (this.queue.length > maxQueuedFrames || this.queuedBytes > maxQueuedBytes) {
      this.fail('Too many messages wait for an answer. Send one at a time.');
      return;
    }
    if (!this.isBusy) void this.work();
  }

  private async work(): Promise<void> {
    this.isBusy = true;
    for (let frame = this.queue.shift(); frame !== undefined && !this.isClosed; frame = this.queue.shift()) {
      this.queuedBytes -= sizeOf(frame);
      const answer = await this.owner.answer(frame);
      if (answer !== null) this.send(answer);
    }
    this.isBusy = false;
  }

  private fail(message: string): void {
    this.send(this.owner.complain(message));
    this.end();
  }

  private finish(isMeant: boolean, code: number, reason: string): void {
    if (this.isClosed) return;
    this.closed(isMeant);
    this.channel.close(code, reason);
  }

  private closed(isMeant: boolean): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.queue.length = 0;
    this.guard.stop();
    this.owner.closed(isMeant);
  }
}

function sizeOf(frame: string | Uint8Array): number {
  return typeof frame === 'string' ? Buffer.byteLength(frame) : frame.length;
}
