/** What an endpoint takes in a minute of one model; unset: no limit. */
export interface MinuteLimits {
  requests?: number;
  tokens?: number;
}

/** What an endpoint says of its limits with every response, and whether it takes the request. */
export interface RateVerdict {
  headers: Record<string, string>;
  /** Null: it is taken. */
  refused: { what: 'requests' | 'tokens'; retryAfterMs: number; message: string } | null;
}

const MINUTE_MS = 60_000;

/** A bucket that fills steadily and holds the work of a minute. */
class Bucket {
  #left: number;
  #atMs: number;

  constructor(
    readonly perMinute: number,
    nowMs: number,
  ) {
    this.#left = perMinute;
    this.#atMs = nowMs;
  }

  left(nowMs: number): number {
    this.#left = Math.min(this.perMinute, this.#left + (this.perMinute * (nowMs - this.#atMs)) / MINUTE_MS);
    this.#atMs = nowMs;
    return this.#left;
  }

  take(amount: number): void {
    this.#left -= amount;
  }

  /** @returns milliseconds until there is so much */
  waitMs(amount: number): number {
    return Math.max(0, ((Math.min(amount, this.perMinute) - this.#left) * MINUTE_MS) / this.perMinute);
  }
}

/** Limits of requests and tokens for each model, counted and told as the API does it. */
export class RateLimits {
  readonly #buckets = new Map<string, Partial<Record<'requests' | 'tokens', Bucket>>>();

  constructor(private readonly limits: MinuteLimits) {}

  /**
   * @param tokens of the request, with the most that its answer may have
   * @param nowMs of a steady clock
   */
  judge(model: string, tokens: number, nowMs: number): RateVerdict {
    const buckets = this.#bucketsOf(model, nowMs);
    const wanted = [
      ['requests', 1, buckets.requests],
      ['tokens', tokens, buckets.tokens],
    ] as const;
    let refused: RateVerdict['refused'] = null;
    for (const [what, amount, bucket] of wanted) {
      if (bucket === undefined || bucket.left(nowMs) >= Math.min(amount, bucket.perMinute)) continue;
      const retryAfterMs = Math.ceil(bucket.waitMs(amount));
      const used = Math.ceil(bucket.perMinute - bucket.left(nowMs));
      const unit = what === 'requests' ? 'requests per min (RPM)' : 'tokens per min (TPM)';
      const message = `Rate limit reached for ${model} on ${unit}: Limit ${bucket.perMinute}, Used ${used}, Requested ${amount}. Please try again in ${spoken(retryAfterMs)}.`;
      refused = { what, retryAfterMs, message };
      break;
    }
    const headers: Record<string, string> = {};
    for (const [what, amount, bucket] of wanted) {
      if (bucket === undefined) continue;
      if (refused === null) bucket.take(amount);
      headers[`x-ratelimit-limit-${what}`] = String(bucket.perMinute);
      headers[`x-ratelimit-remaining-${what}`] = String(Math.max(0, Math.floor(bucket.left(nowMs))));
      headers[`x-ratelimit-reset-${what}`] = spoken(bucket.waitMs(bucket.perMinute));
    }
    if (refused !== null) {
      headers['retry-after'] = String(Math.ceil(refused.retryAfterMs / 1000));
      headers['retry-after-ms'] = String(refused.retryAfterMs);
    }
    return { headers, refused };
  }

  #bucketsOf(model: string, nowMs: number) {
    let buckets = this.#buckets.get(model);
    if (buckets === undefined) {
      const { requests, tokens } = this.limits;
      buckets = {
        ...(requests !== undefined && { requests: new Bucket(requests, nowMs) }),
        ...(tokens !== undefined && { tokens: new Bucket(tokens, nowMs) }),
      };
      this.#buckets.set(model, buckets);
    }
    return buckets;
  }
}

/** @returns `120ms`, `7.66s`, `6m0s` */
function spoken(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  if (ms < MINUTE_MS) return `${Number((ms / 1000).toFixed(3))}s`;
  return `${Math.floor(ms / MINUTE_MS)}m${Number(((ms % MINUTE_MS) / 1000).toFixed(3))}s`;
}
