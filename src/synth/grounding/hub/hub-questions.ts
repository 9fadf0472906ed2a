import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type HubAccess, hubFault } from '../../../env/supplies/hub/hub-access.js';
import { SupplyFault } from '../../../env/supplies/supply-fault.js';
import { storageFault } from '../../../files/storage-fault.js';
import type { Journal } from '../../journal/journal.js';
import { StageFault } from '../../stage.js';
import { isWrongToken } from './hub-refusal.js';

/**
 * Turns what fails on the way to a Hub into a fault of the stage, or of the storage.
 * @param directory where what it gives is kept
 */
export function asStageFault(error: unknown, what: string, access: HubAccess, directory: string): unknown {
  const fault = error instanceof StageFault ? error : storageFault(error, directory);
  if (fault !== null) return fault;
  const options = { cause: error };
  if (isWrongToken(error)) {
    return new StageFault('hub_unavailable', `${access.hubUrl} does not know HF_TOKEN.`, true, options);
  }
  const told = hubFault(error, what, access);
  if (!(told instanceof SupplyFault)) return told;
  const text = told.remedy === null ? told.message : `${told.message} ${told.remedy}`;
  return new StageFault('hub_unavailable', text, false, options);
}

/** Says what cannot be done without a network. */
export function offlineFault(what: string): StageFault {
  const text = `HF_HUB_OFFLINE is set, and no earlier run left ${what} on this machine. Unset it, or ground the task once with a network.`;
  return new StageFault('hub_unavailable', text);
}

/**
 * Questions to the Hub's APIs: answered from the run's journal where they were asked before, else by the Hub. The last answers lie beside
 * the files that runs share, for work without a network.
 */
export class HubQuestions {
  constructor(
    private readonly options: { journal: Journal; access: HubAccess; directory: string; isOffline: boolean },
  ) {}

  /**
   * @param key of the journal; what is asked must follow from it
   * @param what in words for people
   * @throws StageFault; the signal's reason
   */
  async ask<T>(key: string, what: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const { journal, access, directory, isOffline } = this.options;
    const file = path.join(
      directory,
      'answers',
      `${createHash('sha256').update(`${access.hubUrl} ${key}`).digest('hex')}.json`,
    );
    const { answer } = await journal.once(key, { key }, async () => {
      signal.throwIfAborted();
      if (isOffline) return this.#remembered<T>(file, what);
      try {
        const fresh = await work();
        await remember(file, { key, answer: fresh });
        return fresh;
      } catch (error) {
        signal.throwIfAborted();
        throw asStageFault(error, what, access, directory);
      }
    });
    return answer;
  }

  async #remembered<T>(file: string, what: string): Promise<T> {
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) throw offlineFault(`what the Hub says of ${what}`);
    return (JSON.parse(text) as { answer: T }).answer;
  }
}

let writes = 0;

async function remember(file: string, answer: unknown): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}-${writes++}`;
  await writeFile(temporary, `${JSON.stringify(answer)}\n`);
  await rename(temporary, file);
}
