import type { NetworkSettings } from '../config.js';

/** How the Hub is reached. */
export interface HubAccess {
  hubUrl: string;
  accessToken: string | undefined;
  fetch: typeof fetch;
  /** First pause after a failed request, in milliseconds. */
  retryMs: number;
}

/** Makes the error that the caller's users know; `remedy` says what to do. */
export type MakeFault = (message: string, remedy: string) => Error;

const FIRST_RETRY_MS = 1000;

/**
 * Offline, every request fails with what to do.
 * @throws what `fault` makes, when a setting cannot be used
 */
export async function openHub(settings: NetworkSettings, fault: MakeFault): Promise<HubAccess> {
  const { hubUrl, hubToken, proxies, isOffline } = settings;
  if (!/^https?:\/\/[^/]/.test(hubUrl) || !URL.canParse(hubUrl)) {
    throw fault(`HF_ENDPOINT: ${hubUrl} is no address of a Hub.`, 'Write it as https://huggingface.co');
  }
  requirePlainAddress('HF_ENDPOINT', hubUrl, fault);
  if (hubToken !== undefined && !hubToken.startsWith('hf_')) {
    throw fault('HF_TOKEN is no token of the Hub: it begins with hf_.', 'Correct the variable, or unset it.');
  }
  const isDirect = proxies.http === undefined && proxies.https === undefined;
  const refuse = async (): Promise<never> => {
    const remedy = 'Unset HF_HUB_OFFLINE to reach it.';
    throw fault('The Hub is asked nothing while HF_HUB_OFFLINE is set.', remedy);
  };
  return {
    hubUrl,
    accessToken: hubToken,
    fetch: isOffline ? refuse : isDirect ? fetch : await fetchOverProxy(proxies),
    retryMs: FIRST_RETRY_MS,
  };
}

/**
 * No request goes to an address with a password, and what fails says the address.
 * @throws what `fault` makes
 */
export function requirePlainAddress(variable: string, address: string, fault: MakeFault): void {
  const { username, password } = new URL(address);
  if (username === '' && password === '') return;
  throw fault(
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
