import { classifyFailure } from './classify-failure.js';
import { HttpFailure } from './endpoint-error.js';

/**
 * What a request came to, as far as it says something of how much an endpoint takes. `answered`: it was worked on, be it that the request
 * itself was at fault. `refused`: for its rate, or for all that is under way. `failed`: the endpoint could not be reached or broke.
 * `dropped`: its caller took it back.
 */
export type RequestEnd =
  | { kind: 'answered'; tokens: number }
  | { kind: 'refused'; isOverload: boolean; waitMs: number | null; why: string }
  | { kind: 'failed'; why: string }
  | { kind: 'dropped' };

/** Statuses of endpoints that have more under way than they can take. */
const OVERLOADED: ReadonlySet<number> = new Set([503, 529]);
const FAILURES: ReadonlySet<string> = new Set(['server', 'connection', 'timeout', 'garbage']);

/** @param error what a request, or reading its answer, threw */
export function requestEnd(error: unknown, redact: (text: string) => string): RequestEnd {
  const { code, reason: why, retryAfterMs: waitMs } = classifyFailure(error, redact);
  if (code === 'rate_limit') return { kind: 'refused', isOverload: false, waitMs, why };
  if (OVERLOADED.has(statusOf(error) ?? 0)) return { kind: 'refused', isOverload: true, waitMs, why };
  return FAILURES.has(code) ? { kind: 'failed', why } : { kind: 'answered', tokens: 0 };
}

/** @returns the headers of an answer that says failure; null when none came */
export function headersOf(error: unknown): Headers | null {
  return failureIn(error)?.headers ?? null;
}

function statusOf(error: unknown): number | null {
  return failureIn(error)?.status ?? null;
}

function failureIn(error: unknown): HttpFailure | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if (cause instanceof HttpFailure) return cause;
  }
  return null;
}
