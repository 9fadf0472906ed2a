import { type ConnectionOptions, EnvClient } from '../../client/index.js';
import { log } from '../../log.js';
import { channelPair, msgpackCodec } from '../../protocol/index.js';
import { createApp } from '../../server/app.js';
import { configOf, type GymFlags } from '../config-flags.js';
import { requireTasks } from '../tasks/require-tasks.js';
import { openGym } from './open-gym.js';

/** A gym inside this process, and clients of it over memory. */
export interface LocalGym {
  /** Where episodes run, in words. */
  where: string;
  connect(options?: ConnectionOptions): Promise<EnvClient>;
  /** Ends episodes and gives sandboxes back. Idempotent, never rejects. */
  close(): Promise<void>;
}

/**
 * Opens a gym over the packs of the flags, with real sandboxes.
 * @throws CliError when no sandbox can be made here, or the packs have no sound task
 */
export async function openLocalGym(flags: GymFlags & { bare?: boolean }): Promise<LocalGym> {
  const config = configOf(flags);
  // What happens is shown by the command itself.
  if (config.logLevel !== 'debug') log.level = 'error';
  const gym = await openGym(config, { owner: 'play', isDurable: false, isBare: flags.bare === true });
  try {
    requireTasks(gym.registry);
  } catch (error) {
    await gym.close();
    throw error;
  }
  const app = createApp({ catalogue: gym.catalogue, log });
  let closing: Promise<void> | null = null;
  const close = async () => {
    await app.close();
    await gym.close();
  };
  return {
    where: `${gym.backend.backend.name}: ${gym.backend.why}`,
    connect: (options) =>
      EnvClient.over(async () => {
        const [near, far] = channelPair();
        app.acceptNative(far, msgpackCodec);
        return { channel: near, codec: msgpackCodec };
      }, options),
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
