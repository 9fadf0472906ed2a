import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EnvClient } from '../../src/client/index.js';
import { EchoCatalogue } from '../../src/testing/echo-catalogue.js';
import { TestServer } from '../../src/testing/test-server.js';

describe('capacity', () => {
  let server: TestServer;
  let client: EnvClient;
  beforeEach(async () => {
    server = await TestServer.start({ limits: { maxEpisodes: 3 } });
    client = await EnvClient.connect(server.url);
  });
  afterEach(async () => {
    await client.close();
    await server.stop();
  });

  it('counts the episodes of all clients, and gives places back when they close [T1]', async () => {
    const other = await EnvClient.connect(server.url);
    expect(await client.capacity()).toEqual({ episodes: { used: 0, limit: 3 }, gpus: null });
    const episode = await other.reset('bench/echo-v1');
    await client.reset('bench/echo-v1');
    expect((await client.capacity()).episodes.used).toBe(2);
    await episode.close();
    expect((await client.capacity()).episodes.used).toBe(1);
    await other.close();
  });

  it('tells the GPUs where the server leases some [T1]', async () => {
    const catalogue = Object.assign(new EchoCatalogue(), { gpus: () => ({ total: 8, leased: 3, waiting: 1 }) });
    await using leasing = await TestServer.start({ catalogue });
    await using asking = await EnvClient.connect(leasing.url);
    expect((await asking.capacity()).gpus).toEqual({ total: 8, leased: 3, waiting: 1 });
  });
});
