import { HubApiError } from '@huggingface/hub';
import type { HubAccess } from '../../../hub/hub-access.js';
import { isNetworkError } from '../../../hub/patient-fetch.js';
import { RunError } from '../../../run/run-error.js';

/** Whether the same push may get further when it looks again and goes on. */
export function mayGoOn(error: unknown, { hubUrl }: HubAccess): boolean {
  if (isNetworkError(error)) return true;
  if (!(error instanceof HubApiError)) return false;
  const { statusCode, url } = error;
  // Addresses of the storage expire; new ones are handed out for the asking.
  const isOfStorage = !url.startsWith(`${hubUrl}/`);
  return isOfStorage || [408, 409, 412, 425, 429].includes(statusCode) || statusCode >= 500;
}

/** Why the Hub does not take a dataset, in words for a person; errors of other kinds as they are. */
export function pushFault(error: unknown, repo: string, { hubUrl, accessToken = '' }: HubAccess): unknown {
  const options = { cause: error };
  const again = 'The same command goes on where this one stopped.';
  if (isNetworkError(error)) {
    const { message, cause } = error as Error;
    const detail = cause instanceof Error && cause.message !== '' ? cause.message : message;
    return new RunError(
      `${hubUrl} cannot be reached: ${detail}`,
      `Check the network and HF_ENDPOINT. ${again}`,
      options,
    );
  }
  if (!(error instanceof HubApiError)) return error;
  const { statusCode } = error;
  const said = wordsOf(error).replaceAll(accessToken === '' ? /(?!)/g : accessToken, '…');
  const remedies: Record<number, [string, string]> = {
    401: [`${hubUrl} does not know HF_TOKEN`, 'Make a token that may write: its page is /settings/tokens of the Hub.'],
    402: [`${hubUrl} wants to be paid for ${repo}`, 'See its plans, or push into a namespace that has one.'],
    403: [
      `HF_TOKEN may not write to the dataset ${repo}`,
      'Take a token that may write there, or another --repo; see whether its storage is full.',
    ],
    404: [`${hubUrl} has no place for the dataset ${repo}`, 'Correct the owner or the name of --repo.'],
    412: [`Others keep changing ${repo}`, `Wait until they are done. ${again}`],
    413: [`A commit to ${repo} is too large`, 'Build the dataset with fewer files: a larger shard_rows.'],
    429: [`${hubUrl} asks for fewer requests than this push needs`, `Wait an hour. ${again}`],
  };
  const [what, remedy] = remedies[statusCode] ?? [
    `${hubUrl} does not take the dataset ${repo} (status ${statusCode})`,
    statusCode >= 500 ? `Try again later. ${again}` : 'What it says is the reason.',
  ];
  return new RunError(`${what}: ${said}`, remedy, options);
}

/** What the Hub said. Its library adds the address, which may carry a right of its own. */
function wordsOf({ data, statusCode }: HubApiError): string {
  const { error, message } = (data ?? {}) as { error?: unknown; message?: unknown };
  const said = [error, message].find((one): one is string => typeof one === 'string' && one.trim() !== '');
  return (said ?? `status ${statusCode}`).replace(/\s+/g, ' ').slice(0, 500);
}
