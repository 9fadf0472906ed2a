import { HubApiError } from '@huggingface/hub';
import type { NetworkSettings } from '../../../config.js';
import { StorageFault } from '../../../files/storage-fault.js';
import { type HubAccess, openHub, requirePlainAddress } from '../../../hub/hub-access.js';
import { SupplyFault } from '../supply-fault.js';

export type { HubAccess } from '../../../hub/hub-access.js';

const fault = (message: string, remedy: string) => new SupplyFault(message, remedy);

/**
 * Offline, every request fails with what to do.
 * @throws SupplyFault when a setting cannot be used
 */
export function hubAccess(settings: NetworkSettings): Promise<HubAccess> {
  return openHub(settings, fault);
}

/**
 * No request goes to an address with a password, and what fails says the address.
 * @throws SupplyFault
 */
export function requirePlain(variable: string, address: string): void {
  requirePlainAddress(variable, address, fault);
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
