import { CliError } from '../cli-error.js';

/**
 * Settings are kept with a run.
 * @param what holds the address, as the message begins
 * @param remedy where the secret belongs
 * @throws CliError for an address with a name or a password in it
 */
export function refuseCredentials(address: string | null, what: string, remedy: string): void {
  if (address === null || !URL.canParse(address)) return;
  const { username, password } = new URL(address);
  if (username === '' && password === '') return;
  throw new CliError(`${what} holds credentials: settings are kept with the run.`, remedy, 2);
}
