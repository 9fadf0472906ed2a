import type { Config } from '../../config.js';
import type { RunningServer } from '../../server/main.js';
import type { Gym } from './open-gym.js';

/**
 * Serves a gym, which is closed with the server.
 * @throws AddressError when the address cannot be had; the gym is closed then
 */
export async function startGymServer(gym: Gym, config: Config): Promise<RunningServer> {
  const { startServer } = await import('../../server/main.js');
  const { catalogue, metrics, close: onClose } = gym;
  try {
    return await startServer({ config, catalogue, metrics, onClose });
  } catch (error) {
    await gym.close();
    throw error;
  }
}
