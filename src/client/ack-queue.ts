const ACK_BATCH = 64;
const ACK_DELAY_MS = 250;

/** Tells the server in batches which replies arrived, so that it forgets them. */
export class AckQueue {
  #ids: string[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** @param send sends the ids; returns false when there is no link, and the ids wait for the next one */
  constructor(private readonly send: (ids: string[]) => boolean) {}

  add(id: string): void {
    this.#ids.push(id);
    if (this.#ids.length >= ACK_BATCH) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), ACK_DELAY_MS);
  }

  flush(): void {
    this.stop();
    while (this.#ids.length > 0 && this.send(this.#ids.slice(0, ACK_BATCH))) this.#ids = this.#ids.slice(ACK_BATCH);
  }

  /** Forgets the ids: a new session never knew them. */
  clear(): void {
    this.stop();
    this.#ids = [];
  }

  /** Ends the timer. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
