import { afterEach, describe, expect, it } from 'vitest';
import { ClientError, EnvClient, EnvPool, type EnvPoolOptions, type RpcError } from '../../src/client/index.js';
import { LocalServer } from './local-server.js';

let servers: LocalServer[] = [];
let pool: EnvPool;

/** A pool over one connection to each of `count` servers. */
async function start(count = 1, options: EnvPoolOptions = {}): Promise<EnvPool> {
  servers = Array.from({ length: count }, () => new LocalServer());
  const clients = await Promise.all(servers.map((server) => EnvClient.over(server.dial(), { reconnect: false })));
  pool = EnvPool.over(clients, options);
  return pool;
}

const episodesOf = (server: LocalServer) => server.gym.live.size;

afterEach(async () => {
  await pool.close();
  await Promise.all(servers.map((server) => server.stop()));
});

describe('EnvPool', () => {
  it('steps its envs as a batch, results in the order of the envs whatever their order in time [R1]', async () => {
    await start(2);
    const resets = await pool.reset('toy/echo-v1', 4);
    expect(resets.map(({ index, ok }) => [index, ok])).toEqual([0, 1, 2, 3].map((index) => [index, true]));
    expect(servers.map(episodesOf)).toEqual([2, 2]);
    const stepping = pool.step(['gate', 'echo 1', 'echo 2', 'gate']);
    await expect.poll(() => servers.flatMap(({ gym }) => gym.executed)).toHaveLength(4);
    for (const { gym } of servers) gym.open();
    const texts = (await stepping).map((outcome) => outcome?.ok && outcome.value.observation.text);
    expect(texts).toEqual(['the gate opened', '1', '2', 'the gate opened']);
  });

  it('gives equal envs to a group: same task, same seed; other groups get other seeds [R1]', async () => {
    await start();
    const resets = await pool.reset(['toy/echo-v1', { task: 'toy/other-v1', seed: 9 }, 'toy/echo-v1'], 3);
    const infos = resets.map((outcome) => (outcome.ok ? outcome.value.info : null));
    expect(resets.map(({ group }) => group)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
    expect(infos.map((info) => info?.task.slice(4, 8))).toEqual(
      [...'aaabbbaaa'].map((letter) => (letter === 'a' ? 'echo' : 'othe')),
    );
    const seeds = infos.map((info) => info?.seed);
    expect(new Set(seeds).size).toBe(3);
    expect(seeds.slice(3, 6)).toEqual([9, 9, 9]);
    expect(new Set(seeds.slice(0, 3)).size).toBe(1);
  });

  it('listens once to a signal that ends a whole batch, however many envs there are [B1]', async () => {
    await start();
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    const ending = new AbortController();
    await pool.reset('toy/echo-v1', 12, ending.signal);
    const stepping = pool.step(
      Array.from({ length: 12 }, () => 'gate'),
      { signal: ending.signal },
    );
    await expect.poll(() => servers[0]!.gym.executed).toHaveLength(12);
    ending.abort();
    const outcomes = await stepping;
    process.off('warning', warned);
    expect(outcomes.map((outcome) => outcome?.ok === false && (outcome.error as ClientError).code)).toEqual(
      Array.from({ length: 12 }, () => 'aborted'),
    );
    expect(warnings).toEqual([]);
    servers[0]!.gym.open();
  });

  it('gives failures as values; they concern no other env [B1]', async () => {
    await start();
    const resets = await pool.reset(['toy/echo-v1', 'toy/none-v1', 'toy/echo-v1']);
    expect(resets.map(({ ok }) => ok)).toEqual([true, false, true]);
    const results = await pool.step(['echo a', 'echo b', 'fail evaluation_unavailable']);
    expect(results.map((outcome) => outcome?.ok)).toEqual([true, false, false]);
    const errors = results.map((outcome) => (outcome && !outcome.ok ? (outcome.error as RpcError).code : null));
    expect(errors).toEqual([null, 'unknown_task', 'evaluation_unavailable']);
    expect((await pool.step([null, null, 'echo on'])).map((outcome) => outcome?.ok)).toEqual([
      undefined,
      undefined,
      true,
    ]);
  });

  it('survives the loss of one of its servers: its envs fail, the others go on [B4]', async () => {
    await start(2, { autoReset: true });
    await pool.reset('toy/echo-v1', 2);
    servers[0]!.cut();
    const [lost, other] = await pool.step(['hang', 'echo on']);
    expect(lost).toMatchObject({ ok: false, error: expect.any(ClientError) });
    expect(lost?.next?.observation.text).toBe('welcome');
    expect(other).toMatchObject({ ok: true });
    expect(servers.map(episodesOf)[1]).toBe(2);
  });

  it('refuses a batch of another size than its own [B1]', async () => {
    await start();
    await pool.reset('toy/echo-v1', 2);
    await expect(pool.step(['echo'])).rejects.toThrow('1 actions were given for 2 envs');
  });

  it('starts new episodes within the step in which the old ones end, if asked [R1]', async () => {
    await start(1, { autoReset: true });
    await pool.reset({ task: 'toy/echo-v1', seed: 3 }, 2);
    const [ended, goes] = await pool.step(['submit', 'echo']);
    expect(ended).toMatchObject({ ok: true, value: { terminated: true, reward: 1 }, next: { info: { seed: 3 } } });
    expect(goes?.next).toBeUndefined();
    expect((await pool.step(['echo again', 'echo']))[0]).toMatchObject({
      ok: true,
      value: { observation: { step: 1 } },
    });
    expect(episodesOf(servers[0]!)).toBe(2);
  });

  it('asks a function what to play next, and leaves an env empty that gets nothing [R1]', async () => {
    await start(1, { autoReset: (index) => (index === 0 ? { task: 'toy/other-v1', seed: 5 } : null) });
    await pool.reset('toy/echo-v1', 2);
    const [first, second] = await pool.step(['submit', 'submit']);
    expect(first?.next?.info).toMatchObject({ task: 'toy/other-v1', seed: 5 });
    expect(second).not.toHaveProperty('next');
    expect((await pool.step(['echo', 'echo']))[1]).toMatchObject({ ok: false, error: { code: 'closed' } });
  });

  it('has no more requests under way than it may [R1]', async () => {
    await start(1, { concurrency: 2 });
    await pool.reset('toy/echo-v1', 5);
    const { gym } = servers[0]!;
    const stepping = pool.step(Array.from({ length: 5 }, () => 'gate'));
    await expect.poll(() => gym.executed.length).toBe(2);
    gym.open();
    expect((await stepping).every((outcome) => outcome?.ok)).toBe(true);
    expect(gym.executed).toHaveLength(5);
  });

  it('streams the output of each env under its index', async () => {
    await start();
    await pool.reset('toy/echo-v1', 2);
    const bytes = [0, 0];
    const onOutput = (index: number, chunk: Uint8Array) => {
      bytes[index]! += chunk.length;
    };
    await pool.step(['stream 100', 'stream 20000'], { onOutput });
    expect(bytes).toEqual([100, 20_000]);
  });

  it('ends the episodes of the reset before, and everything at the end [B4]', async () => {
    await start();
    await pool.reset('toy/echo-v1', 3);
    await pool.reset('toy/echo-v1', 2);
    expect(pool.size).toBe(2);
    expect(episodesOf(servers[0]!)).toBe(2);
    await pool.close();
    await pool.close();
    expect(episodesOf(servers[0]!)).toBe(0);
  });

  it('keeps no connection when one of its servers cannot be reached [B1]', async () => {
    await start();
    const unreachable = ['ws://127.0.0.1:1', 'ws://127.0.0.1:1'];
    await expect(EnvPool.connect(unreachable)).rejects.toMatchObject({ code: 'connection_failed' });
  });
});
