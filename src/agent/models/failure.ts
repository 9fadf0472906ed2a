import type { ModelErrorCode } from './model.js';

/** What a failed request means. */
export interface Failure {
  code: ModelErrorCode;
  /** For people; holds no key. */
  reason: string;
  /** Whether the same request may be answered later. */
  isRetryable: boolean;
  /** What the endpoint asks to wait, milliseconds; null when it does not say. */
  retryAfterMs: number | null;
  /** What was said about a field of the request that the endpoint does not take; null when it was no such refusal. */
  refusal: string | null;
}
