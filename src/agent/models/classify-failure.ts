import { APIConnectionTimeoutError, APIError } from 'openai';
import { AttemptTimeout, CutAnswer, GarbageAnswer, HttpFailure } from './endpoint-error.js';
import { BAD_PORT } from './endpoint-fetch.js';
import { type ErrorBody, readErrorBody } from './error-body.js';
import type { Failure } from './failure.js';
import type { ModelErrorCode } from './model.js';
import type { Redactor } from './redactor.js';
import { retryAfterMs } from './retry-after.js';

const MAX_REASON_CHARACTERS = 500;

/** How endpoints say that a chat is too long. */
const TOO_LONG = [
  /context_length_exceeded|exceed_context_size|context_window_exceeded|string_above_max_length/i,
  /(?:maximum|max|model'?s?|available) (?:prompt |input |model )?(?:context|prompt|model) ?(?:length|size|window)/i,
  /maximum model length|context (?:length|window|size|limit)[^.]{0,40}exceed|exceed[^.]{0,60}context (?:length|window|size|limit)/i,
  /exceed(?:s|ed)? (?:the )?(?:model(?:'s)? )?(?:maximum (?:number of tokens|input)|token limit|model token limit)/i,
  /prompt is too long|input is too long|too many (?:input )?tokens|reduce the length of/i,
  /`inputs` tokens \+ `max_new_tokens`|range of input length should be|max_tokens must be at least 1, got -/i,
  /input \(\d+ tokens\) is longer than|longer than the model's (?:context|maximum)/i,
];

/** Of limits per minute: it alone is above the limit, so that no waiting helps. */
const ABOVE_RATE = /request too large/i;
const NO_MONEY = /^(?:insufficient_quota|billing_hard_limit_reached|billing_not_active|insufficient_user_quota)$/;
const NO_CREDIT = /credit balance is too low|insufficient (?:balance|credits|funds)/i;
const NOT_TAKEN =
  /unsupported|not supported|unrecognized|unknown|unexpected|not permitted|not allowed|unavailable|not available|invalid schema|forbidden|additional propert|extra input|cannot both be specified|deprecated/i;
/** Certificates do not get better by waiting. */
const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;
const TIMED_OUT = /TIMEOUT|ETIMEDOUT/;

/**
 * Decides what a failed request means.
 * @param error what the request, or reading its answer, threw
 * @param redact applied to everything that is said
 */
export function classifyFailure(error: unknown, redact: Redactor): Failure {
  const failure = classify(error);
  const printable = redact(failure.reason)
    .replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ')
    .trim();
  const reason =
    printable.length > MAX_REASON_CHARACTERS ? `${printable.slice(0, MAX_REASON_CHARACTERS)}...` : printable;
  return { ...failure, reason };
}

function classify(error: unknown): Failure {
  for (const cause of causes(error)) {
    if (cause instanceof HttpFailure) return ofStatus(cause.status, readErrorBody(cause.body), cause.headers);
    if (cause instanceof GarbageAnswer) return failure('garbage', cause.message, true);
    if (cause instanceof CutAnswer) return failure('connection', cause.message, true);
    if (cause instanceof AttemptTimeout) return failure('timeout', cause.message, true);
    // JSON of a stream.
    if (cause instanceof SyntaxError) return failure('garbage', `the answer is no JSON: ${cause.message}`, true);
    if (cause instanceof APIConnectionTimeoutError) return failure('timeout', 'the connection timed out', true);
    if (cause instanceof APIError && cause.error !== undefined) return ofStreamedError(readErrorBody(cause.error));
    if (cause.name === 'HTTPParserError') return failure('garbage', `the answer is no HTTP: ${cause.message}`, true);
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code !== 'string') continue;
    const said = cause.message.includes(code) ? cause.message : `${code}: ${cause.message}`;
    if (code === 'ERR_INVALID_URL') return failure('bad_request', said, false);
    return failure(TIMED_OUT.test(code) ? 'timeout' : 'connection', said, !BAD_CERTIFICATE.test(code));
  }
  const innermost = causes(error).at(-1) ?? new Error(String(error));
  if (innermost.message === BAD_PORT) return failure('bad_request', 'bad port: no request is sent to it', false);
  const said = `${innermost.name}: ${innermost.message}`;
  // What the request itself is at fault for is a TypeError with words of its own.
  const isOurs = innermost instanceof TypeError && !/fetch failed|terminated|network error/i.test(innermost.message);
  return isOurs ? failure('bad_request', said, false) : failure('connection', said, true);
}

/** An error and what caused it, the innermost last. */
function causes(error: unknown): Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error && chain.length < 8; cause = cause.cause) chain.push(cause);
  return chain;
}

function ofStatus(status: number, body: ErrorBody, headers: Headers): Failure {
  const elsewhere = status >= 300 && status < 400 ? headers.get('location') : null;
  const message = elsewhere === null ? body.message : `it sends on to ${elsewhere}, which is not followed`;
  const reason = `HTTP ${status}${message === '' ? '' : `: ${message}`}`;
  const said = `${body.code} ${body.type} ${body.message}`;
  const wait = retryAfterMs(headers, status === 429, Date.now());
  const mayRetry = headers.get('x-should-retry') !== 'false';
  const isPoor = NO_MONEY.test(body.code) || NO_MONEY.test(body.type) || NO_CREDIT.test(body.message);
  if (isPoor || status === 402) return failure('quota', reason, false);
  if (status === 401 || status === 403) return failure('unauthorized', reason, false);
  if (isTooLong(status, said)) return failure('context_window', reason, false);
  if (status === 429) return failure('rate_limit', reason, mayRetry, wait);
  if (status === 408) return failure('timeout', reason, mayRetry, wait);
  if (status === 409 || status === 425 || status >= 500) return failure('server', reason, mayRetry, wait);
  const refusal = NOT_TAKEN.test(said) ? `${body.param} ${body.message}` : null;
  return { ...failure('bad_request', reason, false), refusal };
}

/** A failure that came after the status: the body repeats what the status would have been. */
function ofStreamedError(body: ErrorBody): Failure {
  const status = /^[45]\d\d$/.test(body.code) ? Number(body.code) : statusOf(`${body.code} ${body.type}`);
  const { reason, ...rest } = ofStatus(status, body, new Headers());
  return { ...rest, reason: `within the answer, ${reason}` };
}

function statusOf(said: string): number {
  if (/rate_limit|RESOURCE_EXHAUSTED/i.test(said)) return 429;
  if (/authentication|permission|invalid_api_key/i.test(said)) return 401;
  if (/invalid_request|BadRequest|INVALID_ARGUMENT/i.test(said)) return 400;
  return 500;
}

function isTooLong(status: number, said: string): boolean {
  if (status === 429) return ABOVE_RATE.test(said);
  return status !== 404 && status < 502 && TOO_LONG.some((words) => words.test(said));
}

function failure(
  code: ModelErrorCode,
  reason: string,
  isRetryable: boolean,
  retryAfterMs: number | null = null,
): Failure {
  return { code, reason, isRetryable, retryAfterMs, refusal: null };
}
