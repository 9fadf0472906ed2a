import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { EnvClient } from '../../src/client/index.js';
import { LocalServer } from './local-server.js';

const STEPS = 50_000;

it('takes 50,000 steps, some aborted, streamed and cut, and keeps nothing of them [B4]', async () => {
  const server = new LocalServer();
  const reconnect = { baseDelayMs: 0, maxDelayMs: 1 };
  const client = await EnvClient.over(server.dial(), { reconnect });
  const episode = await client.reset('toy/echo-v1');
  let atWarm = 0;
  let done = 0;
  let echoes = 0;
  const take = async () => {
    done++;
    if (done % 1000 === 0) {
      const controller = new AbortController();
      const hanging = episode.step('hang', { signal: controller.signal }).catch(() => undefined);
      controller.abort();
      return hanging;
    }
    if (done % 5000 === 1) server.cut();
    if (done % 100 === 0) return episode.step('stream 20000', { onOutput: () => undefined });
    return episode.step(`echo ${done}`);
  };
  while (done < STEPS) {
    await take();
    if (done % (STEPS / 5) !== 0) continue;
    echoes += server.gym.executed.splice(0).filter((action) => action.startsWith('echo')).length;
    if (done === STEPS / 5) atWarm = heapBytes();
  }
  expect(echoes).toBe(STEPS - STEPS / 100);
  expect(heapBytes() - atWarm).toBeLessThan(4 * 2 ** 20);
  await client.close();
  await server.stop();
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
