/** Finds out that a peer is gone although the socket says nothing. */
export class Heartbeat {
  readonly #timer: ReturnType<typeof setInterval>;
  #tickedAtMs = performance.now();
  #pinged = false;

  /**
   * @param intervalMs a silence of one interval brings a ping, a second one of the same length the end
   * @param receivedAtMs when the peer was last heard, `performance.now()`
   */
  constructor(intervalMs: number, receivedAtMs: () => number, ping: () => void, onSilence: () => void) {
    this.#timer = setInterval(() => {
      const now = performance.now();
      const late = now - this.#tickedAtMs > intervalMs * 1.5;
      this.#tickedAtMs = now;
      if (now - receivedAtMs() < intervalMs) {
        this.#pinged = false;
      } else if (this.#pinged && !late) {
        onSilence();
      } else {
        // After a late tick the process itself was busy: the pong may lie unread in the socket.
        this.#pinged = true;
        ping();
      }
    }, intervalMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
