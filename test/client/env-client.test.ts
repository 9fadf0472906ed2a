import { afterEach, describe, expect, it } from 'vitest';
import { ClientError, EnvClient, RpcError } from '../../src/client/index.js';
import { LocalServer } from './local-server.js';

let server: LocalServer;
let client: EnvClient;

async function start(encoding: 'json' | 'msgpack' = 'msgpack'): Promise<EnvClient> {
  server = new LocalServer();
  client = await EnvClient.over(server.dial(encoding), { reconnect: { baseDelayMs: 1, maxDelayMs: 2 } });
  return client;
}

afterEach(async () => {
  await client.close();
  await server.stop();
});

describe.each(['json', 'msgpack'] as const)('EnvClient over %s', (encoding) => {
  it('plays an episode to its reward [C4]', async () => {
    await start(encoding);
    const episode = await client.reset('toy/echo-v1', { seed: 7 });
    expect(episode.reset?.observation.text).toBe('welcome');
    expect(episode.reset?.info.seed).toBe(7);
    expect((await episode.step('echo hello')).observation.text).toBe('hello');
    expect((await episode.bash('echo typed', { timeoutS: 5 })).observation.text).toBe('typed');
    expect(episode.isOver).toBe(false);
    const last = await episode.submit();
    expect(last).toMatchObject({ reward: 3, terminated: true, truncated: false });
    expect(episode.isOver).toBe(true);
    await episode.close();
    expect(server.gym.live.size).toBe(0);
  });

  it('sends every typed action as the form of the protocol that it names [E1]', async () => {
    await start(encoding);
    const episode = await client.reset('toy/echo-v1');
    await episode.open('train.py', 3);
    await episode.create('new.py');
    await episode.edit({ start_line: 1, end_line: 2, text: 'x' });
    await episode.insert({ line: 1, text: 'y' });
    await episode.validate();
    await episode.wait();
    await episode.step({ type: 'skip' });
    expect(server.gym.executed).toEqual(['open', 'create', 'edit', 'insert', 'validate', 'wait', 'skip']);
  });

  it('answers tasks, their text, and the episodes of the session [C5]', async () => {
    await start(encoding);
    expect((await client.listTasks()).map(({ task }) => task)).toEqual(['toy/echo-v1', 'toy/other-v1']);
    expect(await client.listTasks('none')).toEqual([]);
    expect((await client.describeTask('toy/echo-v1')).description).toContain('toy/echo-v1');
    const episode = await client.reset('toy/echo-v1', { episodeId: 'mine' });
    expect(await episode.state()).toMatchObject({ episode_id: 'mine', status: 'ready', step_count: 0 });
    expect((await client.listEpisodes()).map((state) => state.episode_id)).toEqual(['mine']);
  });

  it('gives streamed output as bytes before the step resolves, each once and in order [E1]', async () => {
    await start(encoding);
    const episode = await client.reset('toy/echo-v1');
    const chunks: Uint8Array[] = [];
    let next = 0;
    const onOutput = async (chunk: Uint8Array, offset: number) => {
      expect(offset).toBe(next);
      next += chunk.length;
      await Promise.resolve();
      chunks.push(chunk);
    };
    await episode.step('stream-text 2000', { onOutput });
    const text = Buffer.concat(chunks).toString();
    expect(text).toBe(Array.from({ length: 2000 }, (_, i) => `line ${i} é\n`).join(''));
  });

  it('keeps the code, message and data of an error of the server [B1]', async () => {
    await start(encoding);
    const episode = await client.reset('toy/echo-v1');
    const error = await episode.step('fail evaluation_unavailable').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: 'evaluation_unavailable', message: 'as asked', retryable: true });
    expect((error as RpcError).data).toEqual({ asked: true });
    await expect(client.reset('toy/none-v1')).rejects.toMatchObject({ code: 'unknown_task' });
    await expect(client.episode('nobody').step('echo')).rejects.toMatchObject({ code: 'unknown_episode' });
    await expect(episode.step({ type: 'edit' } as never)).rejects.toMatchObject({ code: 'invalid_action' });
  });
});

it('gives binary output as the very bytes under msgpack [E1]', async () => {
  await start('msgpack');
  const episode = await client.reset('toy/echo-v1');
  const bytes: number[] = [];
  await episode.step('stream 20000', { onOutput: (chunk) => void bytes.push(...chunk) });
  expect(bytes).toEqual(Array.from({ length: 20_000 }, (_, i) => i % 251));
});

it('rejects an aborted step at once, cancels it on the server, and lets the next step wait for that [B1]', async () => {
  await start();
  const episode = await client.reset('toy/echo-v1');
  const controller = new AbortController();
  const hanging = episode.step('hang', { signal: controller.signal });
  controller.abort(new Error('enough'));
  await expect(hanging).rejects.toMatchObject({ code: 'aborted', cause: new Error('enough') });
  expect((await episode.step('echo after')).observation.text).toBe('after');
  await expect(episode.step('echo never', { signal: controller.signal })).rejects.toBeInstanceOf(ClientError);
  expect(server.gym.executed).toEqual(['hang', 'echo after']);
});

it('gives an interrupted step what there is [E1]', async () => {
  await start();
  const episode = await client.reset('toy/echo-v1');
  const hanging = episode.step('hang');
  expect(await episode.interrupt()).toBe(true);
  expect((await hanging).observation.text).toBe('stopped');
  expect(await episode.interrupt()).toBe(false);
});

it('refuses a second step of one episode while the first runs [B1]', async () => {
  await start();
  const episode = await client.reset('toy/echo-v1');
  const hanging = episode.step('hang');
  await expect(episode.step('echo')).rejects.toMatchObject({ code: 'episode_busy', retryable: true });
  await episode.interrupt();
  await hanging;
});

it('rejects with the error of an output handler and ends the command [B1]', async () => {
  await start();
  const episode = await client.reset('toy/echo-v1');
  const onOutput = () => Promise.reject(new Error('disk full'));
  await expect(episode.step('stream 5000000', { onOutput })).rejects.toThrow('disk full');
  expect((await episode.step('echo next')).observation.text).toBe('next');
});

it('is not flooded when its handler is slow: what the server did not keep is a gap in the offsets [B4]', async () => {
  await start();
  const episode = await client.reset('toy/echo-v1');
  let release!: () => void;
  const isReady = new Promise<void>((resolve) => {
    release = resolve;
  });
  let bytes = 0;
  let next = 0;
  let gaps = 0;
  const onOutput = async (chunk: Uint8Array, offset: number) => {
    await isReady;
    expect(offset).toBeGreaterThanOrEqual(next);
    if (offset > next) gaps++;
    next = offset + chunk.length;
    bytes += chunk.length;
  };
  const total = 6 * 2 ** 20;
  const stepping = episode.step(`stream ${total}`, { onOutput });
  await client.listTasks();
  await expect.poll(async () => (await episode.state()).status).toBe('ready');
  release();
  await stepping;
  expect(bytes).toBeLessThanOrEqual(client.connection.limits.stream_window_bytes + 64 * 1024);
  expect(gaps).toBeLessThanOrEqual(1);
});

it('ends its episodes when it is closed, twice without an error [B4]', async () => {
  await start();
  const episode = await client.reset('toy/echo-v1');
  const hanging = episode.step('hang').catch(() => undefined);
  await Promise.all([client.close(), client.close()]);
  expect(server.gym.live.size).toBe(0);
  await hanging;
  await expect(client.reset('toy/echo-v1')).rejects.toMatchObject({ code: 'closed' });
  await episode.close();
});

it('takes up the session of a client that left it [B4]', async () => {
  await start();
  const episode = await client.reset('toy/echo-v1');
  await episode.step('echo 1');
  const { sessionToken } = client.connection;
  client.detach();
  client = await EnvClient.over(server.dial(), { sessionToken });
  const again = client.episode(episode.id);
  expect(await again.state()).toMatchObject({ step_count: 1 });
  expect((await again.step('echo 2')).observation.step).toBe(2);
});

it('refuses a message that is larger than the server takes without losing the connection [B1]', async () => {
  server = new LocalServer({ limits: { maxFrameBytes: 4096 } });
  client = await EnvClient.over(server.dial());
  const episode = await client.reset('toy/echo-v1');
  await expect(episode.step(`echo ${'é'.repeat(3000)}`)).rejects.toMatchObject({ code: 'frame_too_large' });
  expect((await episode.step('echo small')).observation.text).toBe('small');
  expect(server.channels).toHaveLength(1);
});

it('disposes of episodes and clients that leave their scope [B4]', async () => {
  await start();
  const gym = server.gym;
  {
    await using scoped = await EnvClient.over(server.dial());
    await using episode = await scoped.reset('toy/echo-v1');
    expect(gym.live.size).toBe(1);
    await episode.step('echo');
  }
  expect(gym.live.size).toBe(0);
});
