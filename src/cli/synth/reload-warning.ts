import { reloadTasks } from '../../client/index.js';

const TIMEOUT_MS = 10_000;

/**
 * Tries what each published task will bring about: that a server reads its packs again.
 * @param address of the server; null: none is told
 * @returns what is to be said before the start; null: it works
 */
export async function reloadWarning(address: string | null, token: string | undefined): Promise<string | null> {
  if (address === null) return null;
  try {
    await reloadTasks(address, { token, timeoutMs: TIMEOUT_MS });
    return null;
  } catch (error) {
    return `--reload: ${(error as Error).message} It is told of each new task all the same; what it misses it reads when it starts.`;
  }
}
