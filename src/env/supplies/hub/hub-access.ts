import { HubApiError } from '@huggingface/hub';
import type { NetworkSettings } from '../../../config.js';
import { StorageFault } from '../../../files/storage-fault.js';
import { SupplyFault } from '../supply-fault.js';

/** How the Hub is reached. */
export interface HubAccess {
  hubUrl: string;
  accessToken: string | undefined;
  fetch: typeof fetch;
  /** First pause after a failed request, in milliseconds. */
  retryMs: number;
}

const FIRST_RETRY_MS = 1000;

/**
 * Offline, every request fails with what to do.
 * @throws SupplyFault when a setting cannot be used
 */
export async function hubAccess({ hubUrl, hubToken, proxies, isOffline }: NetworkSettings): Promise<HubAccess> {
  if (!/^https?:\/\/[^/]/.test(hubUrl) || !URL.canParse(hubUrl)) {
    throw new SupplyFault(`HF_ENDPOINT: ${hubUrl} is no address of a Hub.`, 'Write it as https://huggingface.co');
  }
  requirePlain('HF_ENDPOINT', hubUrl);
  if (hubToken !== undefined && !hubToken.startsWith('hf_')) {
    throw new SupplyFault('HF_TOKEN is no token of the Hub: it begins with hf_.', 'Correct the variable, or unset it.');
  }
  const isDirect = proxies.http === undefined && proxies.https === undefined;
  return {
    hubUrl,
    accessToken: hubToken,
    fetch: isOffline ? refuse : isDirect ? fetch : await fetchOverProxy(proxies),
    retryMs: FIRST_RETRY_MS,
  };
}

async function refuse(): Promise<never> {
  throw new SupplyFault(
    'The Hub is asked nothing while HF_HUB_OFFLINE is set.',
    'Unset HF_HUB_OFFLINE to get what is not there yet.',
  );
}

/**
 * No request goes to an address with a password, and what fails says the address.
 * @throws SupplyFault
 */
export function requirePlain(variable: string, address: string): void {
  const { username, password } = new URL(address);
  if (username === '' && password === '') return;
  throw new SupplyFault(
    `${variable} holds a name or a password, which nobody is sent.`,
    'Take it out of the address; HF_TOKEN is the token of the Hub.',
  );
}

async function fetchOverProxy({ http, https, no }: NetworkSettings['proxies']): Promise<typeof fetch> {
  const { EnvHttpProxyAgent, fetch: fetchWith } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({
    ...(http !== undefined && { httpProxy: http }),
    ...(https !== undefined && { httpsProxy: https }),
    ...(no !== undefined && { noProxy: no }),
  });
  const over = (input: unknown, init: unknown) => fetchWith(input as never, { ...(init as object), dispatcher });
  return over as unknown as typeof fetch;
}

/** Whether the same request may succeed later. */
export function mayPass(error: unknown): boolean {
  if (error instanceof SupplyFault || error instanceof StorageFault) return false;
  return !(error instanceof HubApiError) || [408, 425, 429].includes(error.statusCode) || error.statusCode >= 500;
}

/** Why the Hub does not give a repository, in words for a person. `what`: the repository with its kind. */
export function hubFault(error: unknown, what: string, { hubUrl, accessToken }: HubAccess): unknown {
  const isTold = error instanceof SupplyFault || error instanceof StorageFault;
  if (isTold || (error as Error)?.name === 'AbortError') return error;
  const options = { cause: error };
  if (!(error instanceof HubApiError)) {
    const { message, cause } = error as Error;
    const detail = cause instanceof Error ? `${message} (${cause.message})` : message;
    const remedy = 'Check the network and HF_ENDPOINT; what was downloaded is kept for the next try.';
    return new SupplyFault(`${what} could not be downloaded from ${hubUrl}: ${detail}`, remedy, options);
  }
  if (error.statusCode === 401 && accessToken === undefined) {
    const remedy = 'Correct the name; for a private or gated one set HF_TOKEN.';
    return new SupplyFault(`${hubUrl} has no ${what} that everybody may read.`, remedy, options);
  }
  if (error.statusCode === 401 || error.statusCode === 403) {
    const remedy = `Ask for access on its page at ${hubUrl} with the account of HF_TOKEN.`;
    return new SupplyFault(`HF_TOKEN gives no access to ${what}: ${error.message}`, remedy, options);
  }
  if (error.statusCode === 404) {
    return new SupplyFault(`${hubUrl} has no ${what}: ${error.message}`, 'Correct its name or its revision.', options);
  }
  return new SupplyFault(`${hubUrl} does not give ${what}: ${error.message}`, 'Try again later.', options);
}
