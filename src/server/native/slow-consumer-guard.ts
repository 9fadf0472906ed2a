import type { Channel } from '../../protocol/index.js';

interface Bounds {
  slowConsumerBytes: number;
  slowConsumerMs: number;
}

/** How many times the bound may be buffered before there is no more waiting. */
const HARD_FACTOR = 4;

/** Watches what a channel holds unsent, and gives the alarm when it does not drain. */
export class SlowConsumerGuard {
  private timer: NodeJS.Timeout | null = null;
  private isStopped = false;

  constructor(
    private readonly channel: Channel,
    private readonly bounds: Bounds,
    private readonly onSlow: () => void,
  ) {}

  /** Called after each send. */
  check(): void {
    const { slowConsumerBytes, slowConsumerMs } = this.bounds;
    if (this.isStopped || this.channel.bufferedBytes <= slowConsumerBytes) return;
    if (this.channel.bufferedBytes > slowConsumerBytes * HARD_FACTOR) {
      this.alarm();
      return;
    }
    this.timer ??= setTimeout(() => {
      this.timer = null;
      if (this.channel.bufferedBytes > slowConsumerBytes) this.alarm();
    }, slowConsumerMs);
  }

  stop(): void {
    this.isStopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private alarm(): void {
    this.stop();
    this.onSlow();
  }
}
