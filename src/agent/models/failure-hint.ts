import type { Failure } from './failure.js';
import type { OpenAiSettings } from './openai-settings.js';

const UNREACHED = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/;

/** @returns what to do about a failure that settings can mend; null when that is not known */
export function failureHint({ code, reason, refusal }: Failure, settings: OpenAiSettings): string | null {
  if (code === 'unauthorized' && !settings.apiKey?.trim()) return 'no key was sent: OPENAI_API_KEY holds it';
  if (code === 'connection' && UNREACHED.test(reason)) return `is an endpoint running at ${settings.baseUrl}?`;
  if (code !== 'bad_request') return null;
  const isBare = /^\/*$/.test(new URL(settings.baseUrl).pathname);
  if (isBare && /^HTTP 40[45]/.test(reason)) return `is ${settings.baseUrl} complete? Most base URLs end in /v1`;
  const field = ['temperature', 'top_p'].find((name) => refusal?.includes(name));
  return field ? `the model chooses its ${field} itself: set it to none` : null;
}
