import type { WebSocket } from 'ws';

/**
 * Pings open sockets, which keeps proxies from closing them, and cuts those that were silent too long: their peers are gone
 * without a word. Silence is allowed for several pings, because a client that computes for a while on its only thread is not gone.
 */
export class Heartbeat {
  private readonly heardAtMs = new Map<WebSocket, number>();
  private readonly timer: NodeJS.Timeout;
  private beatAtMs = performance.now();

  constructor(
    private readonly intervalMs: number,
    private readonly silenceMs: number,
  ) {
    this.timer = setInterval(() => this.beat(), intervalMs);
    this.timer.unref();
  }

  add(socket: WebSocket): void {
    const heard = (): void => {
      this.heardAtMs.set(socket, performance.now());
    };
    heard();
    socket.on('pong', heard);
    socket.on('ping', heard);
    socket.on('message', heard);
    socket.once('close', () => this.heardAtMs.delete(socket));
  }

  stop(): void {
    clearInterval(this.timer);
    this.heardAtMs.clear();
  }

  private beat(): void {
    const nowMs = performance.now();
    // This process was held up itself: what the peers sent meanwhile is still unread.
    const isLate = nowMs - this.beatAtMs > this.intervalMs * 2;
    this.beatAtMs = nowMs;
    for (const [socket, heardAtMs] of this.heardAtMs) {
      if (!isLate && nowMs - heardAtMs > this.silenceMs) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.ping();
    }
  }
}
