/** What an endpoint said of one of its limits with an answer. */
export interface ToldLimit {
  limit: number;
  remaining: number;
  /** Milliseconds until the whole limit is there again. */
  resetMs: number;
}

/** What was said longer ago counts for nothing. */
const STALE_MS = 120_000;
/** Shares of the limit that are left for others who use the same key. */
const RESERVE = 0.02;
/** How much more than before a rate may be with an answer. */
const RISE = 1.01;

/**
 * The limit that an endpoint tells in its headers, as a bucket that fills at a steady rate: what is taken from it between two answers is
 * counted here, so that nothing is sent that would be refused.
 */
export class ToldBudget {
  #limit = 0;
  #level = 0;
  #perMs = 0;
  #atMs = 0;
  #toldMs = Number.NEGATIVE_INFINITY;
  #fullAtMs = Number.POSITIVE_INFINITY;

  /**
   * @param sinceMs when the request was sent that was answered so: the endpoint counts when a request comes
   * @param taken what was taken by requests that were sent after it
   */
  told({ limit, remaining, resetMs }: ToldLimit, sinceMs: number, taken: number, nowMs: number): void {
    // A full bucket says nothing of how fast it fills. What remains is told in whole numbers: the rate seems higher than it is, never
    // lower, and the least is the truth; it may rise, little by little.
    if (remaining < limit && resetMs > 0) {
      const isNew = this.#perMs === 0 || this.#limit !== limit || nowMs - this.#toldMs > STALE_MS;
      this.#perMs = Math.min((limit - remaining) / resetMs, isNew ? Number.POSITIVE_INFINITY : this.#perMs * RISE);
    }
    this.#limit = limit;
    // What came while the bucket was full is lost, and after so long nobody knows how much that was.
    const filled = remaining + (nowMs - sinceMs) * this.#perMs;
    const most = Math.min(limit, filled - taken + 1);
    const least = taken === 0 || filled <= limit ? Math.min(limit, filled - taken) : Number.NEGATIVE_INFINITY;
    this.#level = Math.min(Math.max(this.#levelAt(nowMs), least), most);
    this.#atMs = nowMs;
    this.#toldMs = nowMs;
    // With a window in the place of a bucket all of it comes at once.
    this.#fullAtMs = taken === 0 ? sinceMs + resetMs : Number.POSITIVE_INFINITY;
  }

  /** @returns milliseconds until so much may be taken; 0: now */
  waitMs(amount: number, nowMs: number): number {
    if (this.#perMs === 0 || nowMs - this.#toldMs > STALE_MS) return 0;
    // More than the whole limit is never there: the endpoint is to say so itself.
    const wanted = Math.min(this.#limit, amount + this.#limit * RESERVE);
    return Math.max(0, Math.min((wanted - this.#levelAt(nowMs)) / this.#perMs, this.#fullAtMs - nowMs));
  }

  take(amount: number, nowMs: number): void {
    this.#fullAtMs = Number.POSITIVE_INFINITY;
    this.#level = this.#levelAt(nowMs) - amount;
    this.#atMs = nowMs;
  }

  /** @returns units a second at which it fills; null: not known */
  perSecond(nowMs: number): number | null {
    return this.#perMs === 0 || nowMs - this.#toldMs > STALE_MS ? null : this.#perMs * 1000;
  }

  #levelAt(nowMs: number): number {
    return Math.min(this.#limit, this.#level + Math.max(0, nowMs - this.#atMs) * this.#perMs);
  }
}
