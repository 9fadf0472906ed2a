import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { EnvClient } from '../../client/index.js';
import type { Config } from '../../config.js';
import { log } from '../../log.js';
import { channelPair, msgpackCodec } from '../../protocol/index.js';
import { createApp } from '../../server/app.js';
import type { Drafts } from '../../synth/stage.js';
import { openGym } from '../gym/open-gym.js';

/** Drafts in a gym inside this process. */
export interface GymDrafts extends Drafts {
  /** Where sandboxes come from, in words. */
  where: string;
  /** GPUs that may be leased. */
  gpus: number;
  /** Ends episodes and gives sandboxes back. Idempotent, never rejects. */
  close(): Promise<void>;
}

/**
 * Opens a gym over a pack of drafts, with real sandboxes, and a client of it over memory.
 * @param root directory of the pack; made when it is missing
 * @throws CliError when no sandbox can be made here
 */
export async function openDrafts(config: Config, root: string): Promise<GymDrafts> {
  await mkdir(path.join(root, 'configs', 'tasks'), { recursive: true });
  const gym = await openGym({ ...config, packs: [root] }, { owner: 'synth', isDurable: false });
  const app = createApp({ catalogue: gym.catalogue, log });
  const client = await EnvClient.over(async () => {
    const [near, far] = channelPair();
    app.acceptNative(far, msgpackCodec);
    return { channel: near, codec: msgpackCodec };
  });
  let closing: Promise<void> | null = null;
  const close = async () => {
    await client.close();
    await app.close();
    await gym.close();
  };
  return {
    root,
    client,
    reload: async () => {
      await gym.registry.reload();
    },
    prepare: async (task, { maxBytes, tell, signal }) => {
      await gym.prepare(task, { maxBytes, listener: { onPart: tell, onNote: () => {}, onBytes: () => {} }, signal });
    },
    where: `${gym.backend.backend.name}: ${gym.backend.why}`,
    gpus: gym.gpus.length,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
