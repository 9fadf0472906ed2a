import { expect, it } from 'vitest';
import { EnvClient } from '../../src/client/index.js';
import { TestServer } from '../../src/testing/index.js';

it('the published test server plays an episode with the published client [C5]', async () => {
  await using server = await TestServer.start();
  await using client = await EnvClient.connect(server.url);
  const episode = await client.reset('bench/echo');
  expect((await episode.step('hello')).observation.text).toBe('hello');
  expect((await episode.step('submit')).reward).toBe(1);
  await server.stop();
  await server.stop();
});
