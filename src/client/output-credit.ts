/** Gives the server leave to send more output as the client consumes it, in portions rather than for every frame. */
export class OutputCredit {
  #consumedBytes = 0;

  /**
   * @param windowBytes what may be under way at once
   * @param grant sends a credit message
   */
  constructor(
    private readonly windowBytes: number,
    private readonly grant: (bytes: number) => void,
  ) {}

  consumed(bytes: number): void {
    this.#consumedBytes += bytes;
    if (this.#consumedBytes * 4 < this.windowBytes) return;
    const granted = this.#consumedBytes;
    this.#consumedBytes = 0;
    this.grant(granted);
  }
}
