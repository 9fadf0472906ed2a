/** As many different attempts that failed in a row are no misfortune of single ones. */
const MOST_SINGLE = 2;
const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 60_000;

/** What a fault means for the attempt that it befell. */
export interface FaultVerdict {
  /** It befalls everybody: the attempt is not to blame. */
  isOutage: boolean;
  /** Milliseconds until something of the kind is tried again. */
  waitMs: number;
}

/**
 * Tells an outage of a server or an endpoint, which would cost every attempt its tries, from faults that befall single ones: by how many
 * different attempts failed since the last one that did not.
 */
export class Outage {
  readonly #failed = new Set<string>();
  /** They failed while others did not: they prove nothing. */
  readonly #suspects = new Set<string>();
  /** Faults since it befalls everybody. */
  #faults = 0;
  #sinceMs: number | null = null;
  #last = '';

  constructor(private readonly now: () => number) {}

  /** What it is about works. */
  worked(): void {
    for (const id of this.#failed) this.#suspects.add(id);
    this.#failed.clear();
    this.#faults = 0;
    this.#sinceMs = null;
  }

  /** @param id of the attempt that failed */
  failed(id: string, message: string): FaultVerdict {
    if (!this.#suspects.has(id)) this.#failed.add(id);
    this.#sinceMs ??= this.now();
    this.#last = message;
    if (this.isGeneral) this.#faults++;
    const waitMs = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(Math.max(0, this.#faults - 1), 16));
    return { isOutage: this.isGeneral, waitMs };
  }

  get isGeneral(): boolean {
    return this.#failed.size > MOST_SINGLE;
  }

  /** @returns milliseconds since the first of the faults; 0 while they are of single attempts */
  get lastsMs(): number {
    return this.isGeneral && this.#sinceMs !== null ? this.now() - this.#sinceMs : 0;
  }

  /** What was said of the last fault. */
  get message(): string {
    return this.#last;
  }
}
