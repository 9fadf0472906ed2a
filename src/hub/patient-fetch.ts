import { setTimeout as sleep } from 'node:timers/promises';
import type { HubAccess } from './hub-access.js';

const TRIES = 8;
const MOST_MS = 300_000;
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
/** Questions that are asked by POST and change nothing. */
const QUESTIONS = /\/(?:preupload\/[^/?]+|info\/lfs\/objects\/(?:batch|verify))(?:\?|$)/;

export interface PatientOptions {
  signal?: AbortSignal | undefined;
  /** Told of every wait before a request is sent again. */
  onWait?: ((reason: string, ms: number) => void) | undefined;
  /** Told of every body that was taken. */
  onSent?: ((bytes: number) => void) | undefined;
}

/**
 * @returns a fetch that sends a request again after what may pass: as late as the Hub asks for, else after pauses that double. What may
 *   have been done although its answer was lost (a commit) is only sent again when it was refused for its rate; its caller has to look.
 */
export function patientFetch(access: HubAccess, { signal, onWait, onSent }: PatientOptions): typeof fetch {
  return async (input, init = {}) => {
    const { method = 'GET', body } = init;
    const url = String(input instanceof Request ? input.url : input);
    const isRepeatable = method !== 'POST' && method !== 'DELETE' ? true : QUESTIONS.test(url);
    const stop = [init.signal, signal].filter((one) => one instanceof AbortSignal);
    for (let tries = 1; ; tries++) {
      const all = stop.length > 0 && { signal: AbortSignal.any(stop) };
      // By what it is not: responses over a proxy are of another class.
      const last = await once(() => access.fetch(input, { ...init, ...all }));
      const status = last instanceof Error ? null : last.status;
      if (!(last instanceof Error) && last.ok && method === 'PUT' && body instanceof Blob) onSent?.(body.size);
      const isPassing = status === null ? isNetworkError(last) : PASSING.has(status);
      if (!isPassing || tries === TRIES || !(isRepeatable || status === 429) || stop.some(({ aborted }) => aborted)) {
        if (last instanceof Error) throw last;
        return last;
      }
      const pauseMs = Math.min(MOST_MS, access.retryMs * 2 ** (tries - 1) * (0.75 + Math.random() / 2));
      const ms = last instanceof Error ? pauseMs : (askedFor(last.headers) ?? pauseMs);
      onWait?.(status === null ? 'the connection broke' : `the Hub answers ${status}`, ms);
      if (!(last instanceof Error)) await last.body?.cancel();
      await sleep(ms, undefined, { ...all });
    }
  };
}

async function once(work: () => Promise<Response>): Promise<Response | Error> {
  try {
    return await work();
  } catch (error) {
    return error as Error;
  }
}

/** What fetch throws when there is no answer. */
export function isNetworkError(error: unknown): boolean {
  return error instanceof TypeError && (error.message === 'fetch failed' || error.message === 'terminated');
}

/** `Retry-After`, in seconds or as a date, or the rest of the window of `RateLimit`; at most five minutes. */
function askedFor(headers: Headers): number | null {
  const after = headers.get('Retry-After');
  const window = /;\s*t=(\d+)/.exec(headers.get('RateLimit') ?? '')?.[1];
  const seconds = after === null ? Number(window ?? Number.NaN) : Number(after);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(after ?? '') - Date.now();
  return Number.isFinite(ms) ? Math.min(MOST_MS, Math.max(0, ms)) : null;
}
